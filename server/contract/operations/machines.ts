import { machineList, machineQuery, machineView } from '../machine.ts';
import { operation } from '../operation.ts';

export const listMachines = operation({
  method: 'GET',
  path: '/api/v1/machines',
  tag: 'machines',
  summary: 'Machines that the caller may use, by id',
  callers: ['user'],
  query: machineQuery,
  answers: { 200: machineList },
  problems: ['provider_unavailable'],
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
