/** Fields first, words second, as pino has it. Secrets are redacted by key name (password, secret, pin, psk, token). */
export interface Logger {
  debug(fields: object, msg: string): void;
  info(fields: object, msg: string): void;
  warn(fields: object, msg: string): void;
  error(fields: object, msg: string): void;
}
