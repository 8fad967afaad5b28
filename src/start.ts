import type { Configuration } from "../modules/contracts/configuration.js";
import type { Host } from "../modules/contracts/host.js";
import type { Application } from "../modules/contracts/session.js";
import { Device } from "./boot.js";

export type * from "../modules/contracts/configuration.js";
export type { Application, Message, Session } from "../modules/contracts/session.js";

/**
 * A `Device` in one call.
 *
 * @param application called with each session
 * @returns a promise that resolves when the application has closed its session
 * @throws Failure `bad-configuration`, already logged; there is no retry
 * @example
 * start(createHost(), readConfiguration(), (session) => session.publish(session.topics.event, "hello"));
 */
export const start = (host: Host, configuration: Partial<Configuration>, application: Application): Promise<void> =>
	new Device({ host, configuration, onOnline: application }).closed;
