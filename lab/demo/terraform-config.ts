import { existsSync } from 'node:fs';

/** The variables that name Terraform's own configuration file; the second is of old releases. */
const VARIABLES = ['TF_CLI_CONFIG_FILE', 'TERRAFORM_CONFIG'] as const;

/**
 * Terraform warns on every run if a configuration file is named but missing, and cdktf shows each of these warnings as
 * an error: the demo reports it once and leaves the file out.
 */
export function leaveOutMissingConfig(tell: (line: string) => void): void {
  for (const variable of VARIABLES) {
    const file = process.env[variable];
    if (file === undefined || file === '' || existsSync(file)) continue;
    tell(`Warning: ${variable} names '${file}', which is not there; going on without it`);
    delete process.env[variable];
  }
}
