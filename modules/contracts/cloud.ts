/**
 * What a cloud is: pure functions from configuration to plain data.
 *
 * The same input gives the same output, always: no I/O, no clock, no randomness.
 * Time and chance come in as a `Moment`. Adding a cloud is one folder beside
 * `modules/clouds/tencent`, one line in `src/clouds.ts` and, for its keys, one in `modules/clouds/schemas.ts`.
 */

import type { Failure } from "../core/errors.js";
import type { Secret } from "../core/secret.js";
import type { Credential } from "./credential.js";
import type { Crypto, Endpoint, HttpReply, HttpRequest, Milliseconds, MqttConnect } from "./host.js";

/** A configuration before it is checked: from `mc/config`, a JSON file, or a test. */
export type RawConfiguration = Readonly<Record<string, unknown>>;

/** Where and when: all that is not configuration. */
export interface Moment {
	/** UTC in milliseconds since 1970, or undefined while the clock is unknown. */
	readonly now: Milliseconds | undefined;
	/** 16 bytes that nobody can predict. */
	readonly random: Uint8Array;
}

/** One line in the table of clouds. */
export interface Cloud {
	/**
	 * Reads the configuration once; what it returns cannot be wrong.
	 *
	 * @param mac the board's MAC address ("a4:d1:8c:db:c0:20"), for the default device name
	 * @throws Failure `bad-configuration`: one sentence that names the key and the rule
	 */
	device(configuration: RawConfiguration, crypto: Crypto, mac: string | undefined): Device;
}

/** One device of one product at one cloud. */
export interface Device {
	/** Whose credential this is: `cloud/product/name`. A vault holds one identity's records apart from another's. */
	readonly identity: string;
	readonly product: string;
	readonly name: string;
	/** The servers it will talk to. */
	readonly endpoints: { readonly register: Endpoint; readonly mqtt: Endpoint };
	/** Configured secrets, for the log to redact. */
	readonly secrets: readonly Secret[];
	/** The kind of credential that registering will yield, where the configuration says it; the platform decides. */
	readonly expects?: Credential["kind"] | undefined;

	/**
	 * The exchange that turns product secret and device name into a credential.
	 *
	 * @throws Failure when it cannot be begun (no product secret configured)
	 */
	registration(moment: Moment): Exchange;

	/**
	 * The authenticated session that this credential opens.
	 *
	 * @throws Failure when the configuration does not allow it
	 */
	session(credential: Credential, moment: Moment): SessionPlan;
}

/** One question to the platform and what its answer means, over either of the two ways that platforms have. */
export type Exchange = HttpExchange | MqttExchange;

/** One HTTP request. */
export interface HttpExchange {
	readonly request: HttpRequest;
	/**
	 * The credential in this reply. An arrow function: a method would keep the request in memory until then.
	 *
	 * @throws Failure on anything else; then nothing may be stored (invariant 4)
	 */
	readonly accept: (reply: HttpReply) => Credential;
}

/** One MQTT connection, whose CONNECT is the question; the answer is pushed, without a subscription. */
export interface MqttExchange extends MqttPlan {
	/**
	 * The credential in this message, or undefined if the message is not the answer.
	 *
	 * @throws Failure on an answer that is none; then nothing may be stored (invariant 4)
	 */
	accept(topic: string, payload: Uint8Array): Credential | undefined;
}

/** One MQTT connection. */
export interface MqttPlan {
	readonly connect: MqttConnect;
	/** What a refused CONNACK means; without `this`. @param code return code 1 to 5, MQTT 3.1.1 section 3.2.2.3 */
	readonly refusal: (code: number) => Failure;
}

/** The authenticated connection and the topics that come with it. */
export interface SessionPlan extends MqttPlan {
	/** Commands from the cloud. */
	readonly control: string;
	/** Events to the cloud. */
	readonly event: string;
	readonly time: TimeService;
}

/** The platform's own clock, asked over the session. */
export interface TimeService {
	readonly topic: string;
	readonly request: string;
	readonly answerTopic: string;
	/** When the platform got the request and when it answered, or undefined if this is not such an answer. */
	accept(payload: string): TimeStamps | undefined;
}

/** UTC in milliseconds since 1970, as the platform's clock has it. */
export interface TimeStamps {
	readonly received: Milliseconds;
	readonly sent: Milliseconds;
}
