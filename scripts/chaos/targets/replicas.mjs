/** Every replica of every service: what the schedule and the report call it, and where it answers. */
import { replicaPort } from '../../launcher/settings.mjs';

export const SERVICES = ['order', 'payment', 'notification'];

export const listReplicas = (ports, replicas) =>
  SERVICES.flatMap((service) =>
    Array.from({ length: replicas }, (_, replica) => ({
      label: `${service}-${replica}`,
      service,
      url: `http://127.0.0.1:${replicaPort(ports[service], replica)}`,
    })),
  );
