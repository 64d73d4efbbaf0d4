import { machineList, machineQuery, machineView } from '../machine.ts';
import { operation } from '../operation.ts';
import { powerAnswer, powerRequest } from '../power.ts';

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
  problems: ['machine_not_found', 'provider_unavailable'],
});

export const switchMachine = operation({
  method: 'POST',
  path: '/api/v1/machines/{id}/power',
  tag: 'machines',
  summary: 'Switch a machine, by one of its `powerActions`; it has been told, not more',
  callers: ['user'],
  audited: 'power',
  body: powerRequest,
  answers: { 202: powerAnswer },
  problems: ['forbidden', 'machine_not_found', 'power_unavailable', 'provider_unavailable'],
});
