import type { Action, Code } from "../../contracts/error.js";
import { Failure } from "../../core/errors.js";
import type { Secret } from "../../core/secret.js";
import { said } from "../registration-response.js";

/**
 * A registration that the platform refused, from its own code and message, which may echo the secret.
 *
 * The vendor publishes no complete list of codes. These are what logs of the real platform show (1010, 1021, the
 * timestamp), and the names that the vendor's cloud API has for a bad signature, its own faults and too many requests.
 *
 * @param code a number in v1, a name in v2
 */
export const refused = (code: unknown, message: unknown, secret: Secret): Failure => {
	const words = said(message, secret);
	const name = said(code, secret);
	const [meaning, action] = meaningOf(`${name}`, `${words}`);
	return new Failure("register", meaning, action, {
		cloud: "tencent",
		...(typeof code === "number" ? { number: code } : name === undefined ? {} : { value: name }),
		...(words === undefined ? {} : { said: words }),
	});
};

const meaningOf = (name: string, words: string): readonly [Code, Action] => {
	if (name === "1010" || name.indexOf("AuthFailure.SignatureFailure") === 0 || words.includes("Check signature failed"))
		return ["bad-product-secret", "stop"];
	if (name === "1021" || words.includes("has been activated")) return ["already-activated", "stop"];
	if (words.includes("X-Tc-Timestamp error")) return ["bad-timestamp", "retry"];
	const isBusy = name.indexOf("InternalError") === 0 || name.indexOf("RequestLimitExceeded") === 0;
	return ["registration-refused", isBusy ? "wait" : "stop"];
};
