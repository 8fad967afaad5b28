import type { CertificateCredential } from "dynreg/contracts/credential";
import type { Action, Code, FailureValues, Phase } from "dynreg/contracts/error";
import type { BoardEvent } from "dynreg/contracts/event";
import type { Bytes, Crypto, HttpReply, HttpRequest, Milliseconds, MqttConnect } from "dynreg/contracts/host";

/** What the firmware in the XS engine may ask of its parent, by name: what it gives, and what it gets at once. */
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

	publish(connection: number, topic: string, payload: Bytes): void;
	subscribe(connection: number, topic: string): void;
	close(connection: number): void;
}

/** What it may start: the answer comes later as a `Settled` with the same number. */
export interface Jobs {
	http(request: HttpRequest, deadline: Milliseconds): Promise<HttpReply>;
	/** The job's number is the connection's from then on. */
	mqtt(options: MqttOptions, deadline: Milliseconds): Promise<void>;
	sync(deadline: Milliseconds, doubted: boolean): Promise<void>;
	up(deadline: Milliseconds): Promise<void>;
	sleep(duration: Milliseconds): Promise<void>;
}

/** `MqttConnect` with its secrets in the open: a `Secret` does not turn into JSON. */
export interface MqttOptions extends Omit<MqttConnect, "password" | "certificate"> {
	readonly password?: string;
	readonly certificate?: Omit<CertificateCredential, "secret"> & { readonly secret: string };
}

/** From the engine to its parent. With a `job` number it starts a job, without it is a call. */
export interface Request {
	readonly name: string;
	readonly given: readonly unknown[];
	readonly job?: number;
}

/** How a call or a job ended. */
export type Outcome = { readonly value?: unknown } | { readonly failure: PlainFailure } | { readonly error: string };

/** From the parent to the engine, unasked. */
export type Notice =
	| { readonly settled: number; readonly outcome: Outcome }
	| { readonly connection: number; readonly topic: string; readonly payload: Uint8Array }
	| { readonly connection: number; readonly closed: PlainFailure };

/** A `Failure` as plain data. */
export interface PlainFailure extends FailureValues {
	readonly phase: Phase;
	readonly code: Code;
	readonly action: Action;
	readonly cause?: string;
}
