// The only module that loads the YAML library. It is required only when there is an object to render, so that synth
// does not load the library otherwise. The published package bundles it.
import { Document, Scalar, visit } from 'yaml';

/** What every YAML 1.1 or 1.2 parser reads as a string. */
const PLAIN = /^[A-Za-z/][\w/. -]*$/;
const LINES = /^[\t\n -~\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]*$/;
/** Line breaks and marks of YAML 1.1 that JSON does not escape. */
const UNSEEN = /[\u007f-\u009f\u2028\u2029\ufeff]/g;

/**
 * An object as YAML that cloud-init's parser (PyYAML, YAML 1.1) and YAML 1.2 parsers read alike. A string that contains
 * `placeholder` is in double quotes on one line, so that JSON's escapes can replace the placeholder.
 */
export function toYaml(value: unknown, placeholder?: string): string {
  const document = new Document(value, { version: '1.1', merge: false, aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value === 'string' && needsQuotes(node.value, placeholder)) node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  const text = document.toString({ lineWidth: 0, doubleQuotedAsJSON: true });
  return text.replace(UNSEEN, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function needsQuotes(text: string, placeholder: string | undefined): boolean {
  if (placeholder !== undefined && text.includes(placeholder)) return true;
  return text.includes('\n') ? !LINES.test(text) : !PLAIN.test(text);
}
