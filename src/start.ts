import { lifecycleOptions } from "dynreg/configuration/readers";
import { Failure } from "dynreg/core/errors";
import type { Device, RawConfiguration } from "../modules/contracts/cloud.js";
import type { Configuration } from "../modules/contracts/configuration.js";
import type { Host } from "../modules/contracts/host.js";
import type { Application } from "../modules/contracts/session.js";
import { type BootOptions, boot } from "./boot.js";
import { configuredDevice } from "./clouds.js";
import type { CommandQueue } from "./command-queue.js";

export type * from "../modules/contracts/configuration.js";
export type { Application, Message, Session } from "../modules/contracts/session.js";

/**
 * Reads the configuration and runs the device's lifecycle.
 *
 * @param application called with each session
 * @param commands commands given at the board, see `dynreg/local-control`
 * @returns a promise that resolves when the application has closed its session
 * @throws Failure `bad-configuration`, already logged; there is no retry
 * @example
 * start(createHost(), readConfiguration(), (session) => session.publish(session.event, "hello")).catch(() => {});
 */
export const start = (
	host: Host,
	configuration: Configuration,
	application: Application,
	commands?: CommandQueue,
): Promise<void> => {
	let device: Device;
	let options: BootOptions;
	try {
		device = configuredDevice(configuration, host.crypto, host.network.mac());
		options = lifecycleOptions(configuration);
	} catch (error) {
		const failure = Failure.from(error);
		// On a host with a factory partition: whether the value is from it.
		const { factoryNote }: RawConfiguration = configuration;
		const note = typeof factoryNote === "function" ? factoryNote(failure) : {};
		host.log({ event: "failed", ...failure, ...note });
		return Promise.reject(error);
	}
	return boot(host, device, options, application, commands);
};
