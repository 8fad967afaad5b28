/**
 * The contract of a cloud: pure functions from configuration to plain data.
 *
 * No I/O, no clock, no randomness: time and random bytes are passed as `Inputs`. To add a cloud, add a folder beside
 * `modules/clouds/tencent`, a line in `src/clouds.ts` and, for its keys, a line in `modules/clouds/schemas.ts`.
 */

import type { Failure } from "../core/errors.js";
import type { Secret } from "../core/secret.js";
import type { Credential } from "./credential.js";
import type { Crypto, Endpoint, HttpRequest, HttpResponse, Milliseconds, MqttConnectOptions } from "./host.js";

/** A configuration before it is checked: from `mc/config`, a JSON file, or a test. */
export type RawConfiguration = Readonly<Record<string, unknown>>;

/** What a request depends on besides the configuration. */
export interface Inputs {
	/** UTC in milliseconds since 1970, or undefined while the clock is unknown. */
	readonly now: Milliseconds | undefined;
	/** 16 bytes from a cryptographic random generator. */
	readonly random: Uint8Array;
}

/** A cloud, as `src/clouds.ts` lists it. */
export interface Cloud {
	/**
	 * Parses the configuration. A returned device needs no further checks. Must not use `this`.
	 *
	 * @param mac the board's MAC address ("a4:d1:8c:db:c0:20"), for the default device name
	 * @throws Failure `bad-configuration` with the key and the reason, also if it names another cloud
	 */
	device(configuration: RawConfiguration, crypto: Crypto, mac: string | undefined): CloudDevice;
}

/** One device of one product at one cloud. */
export interface CloudDevice {
	/** `cloud/product/name`. The vault stores the credentials of each identity separately. */
	readonly identity: string;
	readonly product: string;
	readonly name: string;
	/** `mqtt` is undefined where registration assigns it. A name of it that is not found then counts as a refused credential. */
	readonly endpoints: { readonly register: Endpoint; readonly mqtt: Endpoint | undefined };
	/** Configured secrets, for the log to redact. */
	readonly secrets: readonly Secret[];
	/** The kind of credential to expect from registration, if the configuration says it; the platform decides. */
	readonly credentialKind?: Credential["kind"] | undefined;

	/**
	 * The exchange that turns product secret and device name into a credential.
	 *
	 * @param proposed what `proposal` has returned, in this attempt or an earlier one
	 * @throws Failure `bad-configuration` without a product secret
	 */
	registration(inputs: Inputs, proposed?: Credential): Exchange;

	/**
	 * A credential of the device's own choice, which is stored before the device registers with it: a device whose response is
	 * lost has it all the same. Absent for clouds that choose the credential.
	 */
	proposal?(inputs: Inputs): Credential;

	/**
	 * The credential in the configuration, if it is of the same kind as the one in use, another one, and valid now: then it
	 * replaces that one. Absent for clouds whose credentials cannot be configured.
	 */
	renewed?(stored: Credential, now: Milliseconds | undefined): Credential | undefined;

	/**
	 * How to connect with this credential.
	 *
	 * @throws Failure `bad-configuration` if the configuration does not allow this kind of credential
	 */
	session(credential: Credential, inputs: Inputs): SessionPlan;
}

/**
 * A registration: a conversation over HTTP or over one MQTT connection. Each step's `accept` returns the credential or the
 * next step, which never refers to an earlier one. A cloud ends a conversation after a number of steps that it knows.
 */
export type Exchange = HttpExchange | MqttExchange;

/** One HTTP request. */
export interface HttpExchange {
	/** To wait before the request. Default: 0. */
	readonly pause?: Milliseconds;
	readonly request: HttpRequest;
	/**
	 * The credential in this response, or the next request. An arrow function, since a method would keep the request in
	 * memory meanwhile.
	 *
	 * @throws Failure if there is none; nothing may be stored then (invariant 4)
	 */
	readonly accept: (response: HttpResponse) => Credential | HttpExchange;
}

/** One MQTT connection. Its CONNECT is the first request, if `publish` is absent. */
export interface MqttExchange extends MqttPlan, MqttStep {}

/** A request on the MQTT connection of a registration. */
export interface MqttStep {
	/** To wait before the request. Default: 0. */
	readonly pause?: Milliseconds;
	/** Topic filters that the broker must have granted before the request is published. Default: none. */
	readonly subscribe?: readonly string[];
	/** The request, with QoS 1. Default: none, since the broker publishes the response without a request. */
	readonly publish?: { readonly topic: string; readonly payload: string };
	/**
	 * The credential in this message, or the next step; undefined if the message is not the response.
	 *
	 * @throws Failure if the response is invalid; nothing may be stored then (invariant 4)
	 */
	accept(topic: string, payload: Uint8Array): Credential | MqttStep | undefined;
}

/** One MQTT connection. */
export interface MqttPlan {
	readonly connect: MqttConnectOptions;
	/** The error of a refused CONNACK. Must not use `this`. @param code return code 1 to 5, MQTT 3.1.1 section 3.2.2.3 */
	readonly connackError: (code: number) => Failure;
}

/** The authenticated connection and the topics that come with it. */
export interface SessionPlan extends MqttPlan {
	/** Commands from the cloud. */
	readonly control: string;
	/** Events to the cloud. */
	readonly event: string;
	/** Absent for platforms without one. */
	readonly time?: TimeService;
	/**
	 * How long the session may last, at least a minute: for a password that expires. The device then ends it and connects at once
	 * with another plan. Differs from device to device, so that a fleet does not reconnect together. Default: no limit.
	 */
	readonly lifetime?: Milliseconds;
}

/** The platform's time service, used over the session. */
export interface TimeService {
	readonly topic: string;
	readonly request: string;
	readonly responseTopic: string;
	/** The times of the platform's request and response; undefined if the message is no such response. */
	accept(payload: string): ServerTimestamps | undefined;
}

/** The platform's UTC in milliseconds since 1970: when it received the request and sent the response. */
export interface ServerTimestamps {
	readonly received: Milliseconds;
	readonly sent: Milliseconds;
}
