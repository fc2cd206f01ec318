import { existsSync } from 'node:fs';

/** The variables by which Terraform is given its own configuration; the second is of old releases. */
const VARIABLES = ['TF_CLI_CONFIG_FILE', 'TERRAFORM_CONFIG'] as const;

/**
 * Terraform warns at each of its runs of a configuration file that is named and missing, and cdktf shows each of these warnings
 * as an error: it is told once, and left out.
 */
export function leaveOutMissingConfig(tell: (line: string) => void): void {
  for (const variable of VARIABLES) {
    const file = process.env[variable];
    if (file === undefined || file === '' || existsSync(file)) continue;
    tell(`Warning: ${variable} names '${file}', which is not there; going on without it`);
    delete process.env[variable];
  }
}
