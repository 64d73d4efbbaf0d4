/** As package.json has it, which is not where the built gateway looks. */
export const VERSION = '0.1.0';
