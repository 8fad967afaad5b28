import { Failure } from "../core/errors.js";

/** What a CONNACK means to a device that connects with its credential (MQTT 3.1.1, section 3.2.2.3), whatever the cloud. */
export const sessionRefusal = (number: number): Failure =>
	number === 3
		? new Failure("connect", "broker-unavailable", "retry", { number })
		: // 2 is said of a client id that the broker does not know: a device deleted in the console, for one.
			number === 2 || number === 4 || number === 5
			? new Failure("connect", "credential-refused", "retry", { number })
			: new Failure("connect", "mqtt-refused", "stop", { number });
