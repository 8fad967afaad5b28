import { Failure } from "dynreg/errors";
import type { Action, Code } from "../contracts/error.js";

type Meaning = readonly [code: Code, action: Action, advice: string];

interface Row {
	/** The platform's code: a number in v1, a name in v2. */
	readonly code?: number | string;
	/** What the platform's message contains. */
	readonly says: string;
	readonly means: Meaning;
}

const badSecret: Meaning = [
	"bad-product-secret",
	"stop",
	"Compare productId and productSecret with the product's page in the console.",
];

/**
 * What a refused registration means. The vendor publishes no complete list; these rows
 * are what logs of the real platform show (1010, 1021, the timestamp), and the generic
 * cloud API name of a bad signature. Everything else is `registration-refused`.
 */
const rows: readonly Row[] = [
	{ code: 1010, says: "Check signature failed", means: badSecret },
	{ code: "AuthFailure.SignatureFailure", says: "signature", means: badSecret },
	{
		code: 1021,
		says: "has been activated",
		means: ["already-activated", "stop", "Reset or delete the device in the console, then it can register again."],
	},
	{
		says: "X-Tc-Timestamp error",
		means: ["bad-timestamp", "retry", "The board's clock is wrong; check that it can reach a time server."],
	},
];

const unknown: Meaning = [
	"registration-refused",
	"stop",
	"Check in the console that dynamic registration is on, that the device name is created or automatic creation is allowed, and that the limit of devices is not reached.",
];

/** A registration that the platform refused, from its own code and message. */
export function refused(code: unknown, message: unknown): Failure {
	const words = String(message ?? "no reason given");
	const row = rows.find(({ code: known, says }) => (known !== undefined && known === code) || words.includes(says));
	const [meaning, action, advice] = row?.means ?? unknown;
	return new Failure(
		"register",
		meaning,
		action,
		`The platform refused the registration: ${words} (${String(code)}). ${advice}`,
		typeof code === "number" ? { number: code } : undefined,
	);
}
