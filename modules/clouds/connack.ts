import type { Action, Code } from "../contracts/error.js";
import { Failure } from "../core/errors.js";

/** What a CONNACK means to a device that connects with its credential (MQTT 3.1.1, section 3.2.2.3), whatever the cloud. */
export function sessionRefusal(number: number): Failure {
	const failure = (code: Code, action: Action, what: string) =>
		new Failure("connect", code, action, `The broker ${what.replace("#", `(CONNACK ${number})`)}`, { number });
	// 2 is said of a client id that the broker does not know: a device deleted in the console, for one.
	if (number === 2 || number === 4 || number === 5)
		return failure(
			"credential-refused",
			"retry",
			"refused this device's credential #: it was changed, reset or deleted in the cloud, or belongs to another product.",
		);
	if (number === 3) return failure("broker-unavailable", "retry", "is unavailable #.");
	return failure("mqtt-refused", "stop", "refused the connection #: check endpoints.mqtt.");
}
