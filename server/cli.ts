#!/usr/bin/env node
import { Command } from 'commander';
import { runDemo } from './demo/run-demo.ts';
import { startGateway } from './main.ts';
import { serve } from './serve.ts';

const program = new Command('rackside')
  .description('A console gateway: the screen, keyboard and mouse of any server in a browser tab')
  .showHelpAfterError();

program
  .command('serve')
  .description('run the gateway until SIGTERM or SIGINT')
  .option('-c, --config <file>', 'YAML file; settings come from RACKSIDE_… variables too')
  .action((options: { config?: string }) => serve(options, startGateway));

program
  .command('demo')
  .description('run the gateway with a desktop of its own to look at, until Ctrl-C')
  .option('-p, --port <number>', 'port to listen on, 0 for any', '8080')
  .action((options: { port: string }) => runDemo(options, startGateway));

await program.parseAsync();
