/**
 * What the management API of a broker cannot do: stop and start it on its node, and take its memory away.
 *
 * @typedef {{ stop: () => Promise<unknown>, start: () => Promise<unknown>, setAlarm: (isOn: boolean) => Promise<unknown> }} BrokerCommands
 */

/** Of the memory, as RabbitMQ's own standard. */
const WATERMARK = '0.4';

/** `rabbitmqctl` runs that command at the node. @returns {BrokerCommands} */
export const commandsOf = (rabbitmqctl) => ({
  stop: () => rabbitmqctl('stop_app'),
  start: () => rabbitmqctl('start_app'),
  setAlarm: (isOn) => rabbitmqctl('set_vm_memory_high_watermark', isOn ? '0' : WATERMARK),
});

/** `call` calls a function in the node: what `rabbitmqctl` does as well, once it has booted. @returns {BrokerCommands} */
export const callsOf = (call) => ({
  stop: async () => {
    // On its way down it would ask, for five seconds, the one process that waits for it to end.
    await call('gen_event delete_handler [rabbit_event, rabbit_mgmt_db_handler, []]');
    await call('rabbit stop []');
  },
  start: () => call('rabbit start []'),
  setAlarm: (isOn) => call(`vm_memory_monitor set_vm_memory_high_watermark [${isOn ? '0.0' : WATERMARK}]`),
});
