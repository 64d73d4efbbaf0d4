import { consoleFile, consoleFileRequest } from '../console-file.ts';
import { machineList, machineQuery, machineView } from '../machine.ts';
import { operation } from '../operation.ts';
import { BMC_FAULTS, TOLD, TOLD_WITHIN } from './told.ts';
import { powerAnswer, powerRequest } from '../power.ts';
import { syncAnswer, syncRequest } from '../provider.ts';

export const listMachines = operation({
  method: 'GET',
  path: '/api/v1/machines',
  tag: 'machines',
  summary: 'Machines that the caller may use, by id',
  callers: ['user'],
  query: machineQuery,
  answers: { 200: machineList },
});

export const getMachine = operation({
  method: 'GET',
  path: '/api/v1/machines/{id}',
  tag: 'machines',
  summary: 'One machine',
  callers: ['user'],
  answers: { 200: machineView },
  problems: ['machine_not_found', 'provider_refused', 'provider_unavailable', ...BMC_FAULTS],
});

export const syncMachines = operation({
  method: 'POST',
  path: '/api/v1/machines/sync',
  tag: 'machines',
  summary: 'Have one provider, or all, asked for their machines now; for staff',
  callers: ['user'],
  audited: 'sync',
  body: syncRequest,
  answers: { 202: syncAnswer },
  problems: ['forbidden', 'not_found'],
});

export const switchMachine = operation({
  method: 'POST',
  path: '/api/v1/machines/{id}/power',
  tag: 'machines',
  summary: 'Switch a machine, by one of its `powerActions`; it has been told, not more',
  callers: ['user'],
  within: TOLD_WITHIN,
  audited: 'power',
  body: powerRequest,
  answers: { 202: powerAnswer },
  problems: [...TOLD, 'machine_busy'],
});

export const fetchConsoleFile = operation({
  method: 'POST',
  path: '/api/v1/machines/{id}/console-file',
  tag: 'machines',
  summary: 'A file for a native client, where the machine has a `consoleFile`; it soon expires',
  callers: ['user'],
  body: consoleFileRequest,
  answers: { 200: consoleFile },
  audited: 'open',
  problems: [
    'forbidden',
    'purpose_required',
    'machine_not_found',
    'console_kind_unavailable',
    'machine_not_running',
    'machine_busy',
    'console_held',
    'target_refused',
    'provider_refused',
    'provider_unavailable',
  ],
});
