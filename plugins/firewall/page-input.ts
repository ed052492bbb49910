import { CliError, type z } from '../../sdk/index.ts';

/** What a page sent, checked. Throws CliError with the field and the reason. */
export function read<T>(schema: z.ZodType<T>, input: unknown): T {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw new CliError(result.error.issues.map((i) => `${i.path.join('.') || 'input'}: ${i.message}`).join('; '));
}
