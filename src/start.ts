import { number, webServer } from "dynreg/configuration/configuration";
import { Failure } from "dynreg/core/errors";
import type { Device, RawConfiguration } from "../modules/contracts/cloud.js";
import type { Configuration } from "../modules/contracts/configuration.js";
import type { Host } from "../modules/contracts/host.js";
import type { Application } from "../modules/contracts/session.js";
import { type BootOptions, boot } from "./boot.js";
import { configuredDevice } from "./clouds.js";
import type { Orders } from "./command-queue.js";

export type * from "../modules/contracts/configuration.js";
export type { Application, Message, Session } from "../modules/contracts/session.js";

/**
 * Reads the configuration and boots the board.
 *
 * @param orders what somebody at the board asks for meanwhile
 * @throws Failure `bad-configuration`, logged already: nothing can be tried with it
 */
export const start = (
	host: Host,
	configuration: Configuration,
	application: Application,
	orders?: Orders,
): Promise<void> => {
	let device: Device;
	let options: BootOptions;
	try {
		device = configuredDevice(configuration, host.crypto, host.network.mac());
		options = { spread: number(configuration, "spread", 0, 3600, 3), dateFrom: webServer(configuration, "dateFrom") };
	} catch (error) {
		const failure = Failure.from(error);
		// What the factory partition has to do with it, where there is one.
		const { factoryNote }: RawConfiguration = configuration;
		const note = typeof factoryNote === "function" ? factoryNote(failure) : {};
		host.log({ event: "failed", ...failure, ...note });
		return Promise.reject(error);
	}
	return boot(host, device, options, application, orders);
};
