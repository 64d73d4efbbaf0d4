import { CONSOLE_STEPS, type ConsoleStep } from '../../../server/contract/index.ts';
import type { Phase } from './page-state.ts';

/** The step that a console on its way is at; what the page sees itself and what it is told agree. */
export function currentStep(phase: Phase): ConsoleStep | null {
  switch (phase.name) {
    case 'starting':
      return phase.step ?? 'resolving';
    case 'connecting':
      return later(phase.step, 'connecting');
    case 'waiting':
      return 'waiting-for-picture';
    case 'redeeming':
    case 'asking':
    case 'approving':
    case 'absent':
    case 'prompting':
    case 'connected':
    case 'unstable':
    case 'lost':
    case 'disconnected':
    case 'ended':
      return null;
  }
}

function later(a: ConsoleStep | null, b: ConsoleStep): ConsoleStep {
  return a !== null && CONSOLE_STEPS.indexOf(a) > CONSOLE_STEPS.indexOf(b) ? a : b;
}
