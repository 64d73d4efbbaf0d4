import { z } from 'zod';
import { NEEDED, USUAL_COMMAND, unknownPlaceholders } from '../kvm/container/command-template.ts';
import { podTemplate } from '../kvm/kubernetes/pod.ts';
import { SECRET_MARK, strict } from '../providers/config-fields.ts';
import { ConfigError } from './config-error.ts';
import { parseYaml } from './parse-yaml.ts';

/** Where a cluster puts what a pod needs to call its API. */
const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

const word = z.string().min(1);

const container = strict({
  /** Docker's command line: what is called, and what stands before its commands. */
  cli: z.array(word).min(1).default(['podman']),
  image: word.default('rackside/screen:0.1.0'),
  command: z
    .array(word)
    .min(1)
    .default([...USUAL_COMMAND])
    .superRefine((command, context) => {
      for (const name of unknownPlaceholders(command)) {
        context.addIssue({ code: 'custom', message: `unknown placeholder {${name}}` });
      }
      for (const name of NEEDED.filter((each) => !command.join(' ').includes(`{${each}}`))) {
        context.addIssue({ code: 'custom', message: `expected {${name}} somewhere` });
      }
    }),
  /** What the program is told by its environment. */
  environment: z.record(z.string().regex(/^[A-Z_][A-Z0-9_]*$/i), z.string()).default({}),
});

const kubernetes = strict({
  url: z
    .url({ protocol: /^https$/, error: 'expected https://…' })
    .default('https://kubernetes.default.svc')
    .transform((url) => new URL(url)),
  caFile: word.default(`${SERVICE_ACCOUNT}/ca.crt`),
  tokenFile: word.default(`${SERVICE_ACCOUNT}/token`),
  namespace: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, { error: "expected a namespace's name" })
    .default('rackside-screens'),
  /** A pod in YAML; may come from a file. docs/examples/screen-pod.yaml */
  template: z
    .string()
    .meta({ [SECRET_MARK]: true })
    .transform(readTemplate),
});

/** The screens on which consoles of BMCs are shown. docs/bmc-consoles.md */
export const kvm = strict({
  runner: z.enum(['local', 'container', 'kubernetes']).default('local'),
  isolation: z.enum(['auto', 'bubblewrap', 'processes']).default('auto'),
  /** Most screens at once. */
  screens: z.int().min(1).max(1000).default(16),
  /** Screens that are kept ready for whoever comes, counted among `screens`. */
  warm: z.int().min(0).max(1000).default(0),
  /** Whether the BMCs' pages may be given disk images of the folder `images.path`. */
  images: z.boolean().default(false),
  /** MiB for each. */
  memory: z.int().min(384).max(8192).default(1024),
  /** Processors that each may keep busy. */
  cpus: z.number().min(0.25).max(64).default(2),
  /** Seconds for signing in at a BMC. */
  loginTimeout: z.int().min(1).max(110).default(60),
  /** Seconds until a screen in a container or a pod shows. */
  startTimeout: z.int().min(5).max(110).default(60),
  container: container.prefault({}),
  kubernetes: kubernetes.optional(),
})
  .refine(({ warm, screens }) => warm <= screens, {
    path: ['warm'],
    error: 'expected no more than kvm.screens',
  })
  .refine(({ images, runner }) => !images || runner === 'local', {
    path: ['images'],
    error: 'expected with kvm.runner: local alone, whose screens can read the folder',
  })
  .refine(({ runner, kubernetes: cluster }) => runner !== 'kubernetes' || cluster !== undefined, {
    path: ['kubernetes'],
    error: 'expected kvm.kubernetes.template, of which the runner makes its pods',
  });

function readTemplate(text: string, context: z.RefinementCtx) {
  try {
    const parsed = podTemplate.safeParse(parseYaml({ file: 'the template', text }).toJS());
    if (parsed.success) return parsed.data;
    for (const { path, message } of parsed.error.issues) {
      context.addIssue({ code: 'custom', message: `${path.join('.')}: ${message}` });
    }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    context.addIssue({ code: 'custom', message: error.message });
  }
  return z.NEVER;
}
