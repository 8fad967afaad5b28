import type { Code } from "../../contracts/error.js";
import { Failure } from "../../core/errors.js";

/**
 * What a refused registration means.
 *
 * 6289 is in a log of the real platform; the other numbers are in the vendor's documentation. For what has
 * none there, no number is made up: the platform's own words are shown.
 *
 * @param number return code of the CONNACK, or `code` of the HTTPS response
 * @param said the platform's own words in an HTTPS response
 */
export const refused = (number: number, said?: string): Failure =>
	new Failure("register", codeOf(number), number === 3 ? "retry" : "stop", {
		cloud: "aliyun",
		number,
		...(said === undefined ? {} : { said }),
	});

const codeOf = (number: number): Code => {
	switch (number) {
		case 1:
			return "mqtt-refused";
		case 3:
			return "broker-unavailable";
		case 4:
		case 401:
			return "bad-product-secret";
		case 6289:
			return "already-activated";
		default:
			return "registration-refused";
	}
};
