/** A board with somebody at it: a button that erases the credential, and in debug builds a console. */

import { Failure } from "dynreg/core/errors";
import type { RawConfiguration } from "../../modules/contracts/cloud.js";
import type { OrderTaker } from "../../modules/contracts/event.js";
import type { Host } from "../../modules/contracts/host.js";
import { watchButton } from "./controls/button.js";
import { openConsole } from "./controls/console.js";

/**
 * @param configuration `button` and `led`: pins, or `none`
 * @returns the host, with a log that the console listens to
 */
export const attended = (host: Host, configuration: RawConfiguration, orders: OrderTaker): Host => {
	try {
		watchButton(configuration, orders);
	} catch (error) {
		// A board without its button is still a board.
		host.log({ event: "failed", ...Failure.from(error) });
	}
	return openConsole(host, orders);
};
