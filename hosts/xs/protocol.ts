import type { CertificateCredential } from "dynreg/contracts/credential";
import type { Action, Code, FailureValues, Phase } from "dynreg/contracts/error";
import type { BoardEvent } from "dynreg/contracts/event";
import type {
	Bytes,
	Crypto,
	Endpoint,
	HttpRequest,
	HttpResponse,
	Milliseconds,
	MqttConnectOptions,
	PublishOptions,
	SubscribeOptions,
} from "dynreg/contracts/host";

/** Synchronous requests of the firmware in the XS engine to its parent, by name. */
export interface Calls extends Crypto {
	configuration(): Readonly<Record<string, unknown>>;
	log(event: BoardEvent): void;

	random(count: number): Uint8Array;

	maxValueBytes(): number;
	get(key: string): Uint8Array | undefined;
	set(key: string, value: Uint8Array): void;
	delete(key: string): void;

	now(): Milliseconds | undefined;
	setClock(now: Milliseconds): void;
	ticks(): Milliseconds;
	mac(): string | undefined;

	/** Opens a connection ahead. @returns a number to discard it by */
	open(endpoint: Endpoint, deadline: Milliseconds): number;
	discard(opening: number): void;

	/** Its last message has been taken: there is room for the next. */
	taken(connection: number): void;
	close(connection: number): void;

	cancelTimer(timer: number): void;
}

/** Asynchronous requests: the response is a later notice with the same number. */
export interface Jobs {
	http(request: HttpRequest, deadline: Milliseconds): Promise<HttpResponse>;
	/** The job's number is also the connection's. */
	mqtt(options: PlainMqttConnectOptions, deadline: Milliseconds): Promise<void>;
	publish(connection: number, topic: string, payload: Bytes, options: PublishOptions): Promise<void>;
	subscribe(connection: number, filter: string, options: SubscribeOptions): Promise<0 | 1>;
	unsubscribe(connection: number, filter: string): Promise<void>;
	sync(deadline: Milliseconds, force: boolean): Promise<void>;
	up(deadline: Milliseconds): Promise<void>;
	/** Settles when the timer fires. The job's number is also the timer's. */
	timer(duration: Milliseconds): Promise<void>;
}

/** `MqttConnectOptions` with plain secrets, since JSON of a `Secret` is redacted. */
export interface PlainMqttConnectOptions extends Omit<MqttConnectOptions, "password" | "certificate"> {
	readonly password?: string;
	readonly certificate?: Omit<CertificateCredential, "secret"> & { readonly secret: string };
}

/** From the engine to its parent. With `job` it is asynchronous. */
export interface Request {
	readonly name: string;
	readonly args: readonly unknown[];
	readonly job?: number;
}

/** The result of a request. */
export type Outcome = { readonly value?: unknown } | { readonly failure: PlainFailure } | { readonly error: string };

/** From the parent to the engine, without a request. */
export type Notice =
	| { readonly settled: number; readonly outcome: Outcome }
	| { readonly connection: number; readonly topic: string; readonly payload: Uint8Array }
	| { readonly connection: number; readonly refused: PlainFailure }
	| { readonly connection: number; readonly closed: PlainFailure };

/** A `Failure` as plain data. */
export interface PlainFailure extends FailureValues {
	readonly phase: Phase;
	readonly code: Code;
	readonly action: Action;
	readonly cause?: string;
}
