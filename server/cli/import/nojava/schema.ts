import { z } from 'zod';
import { strict } from '../../../providers/config-fields.ts';

const text = z.union([z.string(), z.number()], { error: 'expected text' }).transform(String);

/** `k:v,k:v`, as nojava-ipmi-kvm adds them to what it sends to sign in. */
const fields = text.transform((written, context) => {
  const pairs = written.split(',').map((pair): [string, string] => {
    const colon = pair.indexOf(':');
    return colon < 0 ? ['', ''] : [pair.slice(0, colon).trim(), pair.slice(colon + 1).trim()];
  });
  if (pairs.every(([key]) => key !== '')) return Object.fromEntries(pairs);
  context.addIssue({ code: 'custom', message: 'expected key:value,key:value' });
  return z.NEVER;
});

const rewrite = strict({ search: text, replace: text, path_match: text });

/** What a host or a template says, each key as nojava-ipmi-kvm calls it; null is what is not there. */
const settings = {
  full_hostname: text.nullish(),
  skip_login: z.boolean().nullish(),
  login_user: text.nullish(),
  login_endpoint: text.nullish(),
  allow_insecure_ssl: z.boolean().nullish(),
  user_login_attribute_name: text.nullish(),
  password_login_attribute_name: text.nullish(),
  send_post_data_as_json: z.boolean().nullish(),
  extra_login_form_fields: fields.nullish(),
  session_cookie_key: text.nullish(),
  download_endpoint: text.nullish(),
  java_version: text.nullish(),
  format_jnlp: z.boolean().nullish(),
  html5_endpoint: text.nullish(),
  rewrites: z.array(rewrite).nullish(),
};

const template = strict(settings);

export const nojavaFile = strict({
  general: strict({
    run_docker_with_sudo: z.boolean().nullish(),
    x_resolution: z
      .string()
      .regex(/^\d{1,5}x\d{1,5}$/, { error: 'expected WIDTHxHEIGHT' })
      .nullish(),
    java_docker_image: z.string().nullish(),
    html5_docker_image: z.string().nullish(),
  }).nullish(),
  templates: z.record(z.string(), template).nullish(),
  hosts: z.record(text, strict({ based_on: text.nullish(), ...settings })),
});

export type NojavaSettings = z.output<typeof template>;
