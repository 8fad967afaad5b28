/**
 * Local control of a board: a button that erases the credential and opens set-up mode, and in debug builds a console.
 */

import { Failure } from "dynreg/core/errors";
import type { RawConfiguration } from "../../modules/contracts/cloud.js";
import type { CommandSink } from "../../modules/contracts/event.js";
import type { Host } from "../../modules/contracts/host.js";
import { watchButton } from "./controls/button.js";
import { openConsole } from "./controls/console.js";

/**
 * Adds button and console to a host. With set-up mode, to the host that `withSetup` returns.
 *
 * @param configuration `button` and `led`: pins, or `none`
 * @param commands receives the commands
 * @returns the host, with a log that the console observes
 */
export const withLocalControl = (host: Host, configuration: RawConfiguration, commands: CommandSink): Host => {
	try {
		watchButton(configuration, commands, host.setup);
	} catch (error) {
		// Continue without the button.
		host.log({ event: "failed", ...Failure.from(error) });
	}
	return openConsole(host, commands);
};
