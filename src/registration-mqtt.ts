import { connectionError } from "dynreg/core/connection-errors";
import type { Failure } from "dynreg/core/errors";
import { connect } from "dynreg/session";
import type { MqttExchange, MqttStep } from "../modules/contracts/cloud.js";
import type { Credential } from "../modules/contracts/credential.js";
import type { Endpoint, Host, MqttConnection, MqttEvents } from "../modules/contracts/host.js";

/**
 * Registers over one MQTT connection, which is closed when the promise settles, so that a late response is ignored
 * (invariant 5).
 *
 * @throws Failure
 */
export async function register(host: Host, exchange: MqttExchange): Promise<Credential> {
	const conversation = new Conversation(host, exchange);
	const connection = await connect(host, exchange, conversation, 20_000, (opened) => opened);
	try {
		conversation.begin(connection);
		return await conversation.outcome;
	} finally {
		conversation.cancel?.();
		connection.close();
	}
}

/** The steps of a registration over one MQTT connection. */
class Conversation implements MqttEvents {
	readonly outcome: Promise<Credential>;
	/** Cancels the timer of the step. */
	cancel: (() => void) | undefined;

	private readonly host: Host;
	private readonly endpoint: Endpoint;
	private step: MqttStep;
	private connection: MqttConnection | undefined;
	private done!: (credential: Credential) => void;
	private fail!: (error: unknown) => void;

	constructor(host: Host, exchange: MqttExchange) {
		this.host = host;
		this.endpoint = exchange.connect.endpoint;
		this.step = exchange;
		this.outcome = new Promise((resolve, reject) => {
			this.done = resolve;
			this.fail = reject;
		});
	}

	begin(connection: MqttConnection): void {
		this.connection = connection;
		this.continue();
	}

	message(topic: string, payload: Uint8Array): void {
		try {
			const outcome = this.step.accept(topic, payload);
			if (outcome === undefined) return;
			if ("kind" in outcome) this.done(outcome);
			else {
				this.step = outcome;
				// A broker may publish before the connection has been handed over.
				if (this.connection) this.continue();
			}
		} catch (error) {
			this.fail(error);
		}
	}

	closed(failure: Failure): void {
		this.fail(failure);
	}

	refused(failure: Failure): void {
		this.fail(failure);
	}

	private continue(): void {
		this.cancel?.();
		const { pause } = this.step;
		if (pause === undefined) this.request();
		else this.cancel = this.host.timers.after(pause, () => this.request());
	}

	private request(): void {
		const { host, endpoint, step } = this;
		const connection = this.connection as MqttConnection;
		// The response is published at once; Alibaba Cloud disconnects after 15 s.
		this.cancel = host.timers.after(10_000, () => this.fail(connectionError("register", endpoint, "timeout")));
		const { subscribe = [], publish } = step;
		if (!publish) return;
		// The broker answers in the order of the requests, and `refused` reports any that it refuses.
		let granted: Promise<unknown> = Promise.resolve();
		for (let i = 0; i < subscribe.length; i++) granted = connection.subscribe(subscribe[i] as string, { qos: 1 });
		granted.then(() => void connection.publish(publish.topic, publish.payload, { qos: 1 }), this.fail);
	}
}
