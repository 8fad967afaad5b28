import type { Action, Code } from "../../contracts/error.js";
import { Failure } from "../../core/errors.js";

type Row = readonly [meaning: Code, action: Action, text: string];

/**
 * What a refused registration means: return codes of the CONNACK below 10, `code` of the HTTPS answer above.
 *
 * 6289 is in a log of the real platform; the other numbers are in the vendor's documentation. For what has
 * none there, no number is made up: the platform's own words are shown.
 */
function table(): Readonly<Record<number, Row>> {
	const compare = "productKey and productSecret with the product's page in the console";
	const created = "that deviceName is created in the console, or the product is registration-free (authType regnwl)";
	return {
		1: ["mqtt-refused", "stop", "the broker does not speak MQTT 3.1.1. Check endpoints.register"],
		2: [
			"registration-refused",
			"stop",
			"it does not understand the parameters, or not on this connection. Check authType, instanceId and endpoints.register",
		],
		3: ["broker-unavailable", "retry", "the broker is unavailable. The board tries again by itself"],
		4: [
			"bad-product-secret",
			"stop",
			`user name or signature is wrong. Compare ${compare}; if they are right, check ${created}, and whether it has been online before (then reset it)`,
		],
		5: [
			"registration-refused",
			"stop",
			`this device may not register. Check in the console that dynamic registration is on and ${created}; if it has been online before, reset it there`,
		],
		401: ["bad-product-secret", "stop", `the signature is wrong. Compare ${compare}`],
		460: ["registration-refused", "stop", `a parameter is wrong. Compare ${compare}`],
		6100: ["registration-refused", "stop", `there is no such device. Check ${created}`],
		6250: ["registration-refused", "stop", `there is no such product. Compare ${compare}, and check region`],
		6280: ["registration-refused", "stop", "the device name breaks the platform's rule. Choose another deviceName"],
		6289: [
			"already-activated",
			"stop",
			"the device has been online before. Reset or delete it in the console, then it can register again",
		],
	};
}

/**
 * @param number of CONNACK or answer
 * @param words the platform's own, where it has some
 */
export function refused(number: number, words?: string): Failure {
	const row: Row = table()[number] ?? [
		"registration-refused",
		"stop",
		"no reason is known for this number. Check in the console that dynamic registration is on, and the device's state",
	];
	const [code, action, text] = row;
	const said = words === undefined ? `CONNACK ${number}` : `${words}, ${number}`;
	return new Failure("register", code, action, `The platform refused the registration (${said}): ${text}.`, {
		number,
	});
}
