import Timer from "timer";
import type {
	Clock,
	Endpoint,
	Milliseconds,
	Mqtt,
	MqttConnection,
	MqttConnectOptions,
	MqttEvents,
} from "../../../modules/contracts/host.js";
import type { Failure } from "../../../modules/core/errors.js";
import { resolveEndpoint } from "./endpoint.js";
import { type BrokerEndpoint, createMqtt as createConnector } from "./mqtt.js";
import { SecureStream } from "./secure-stream.js";

/** The MQTT client of a host that has memory for a second handshake: it opens connections ahead. */
export const createMqtt = (clock: Clock): Mqtt => new AheadConnector(clock);

class AheadConnector implements Mqtt {
	private readonly clock: Clock;
	private readonly connector: ReturnType<typeof createConnector>;
	/** What was opened ahead and is not taken. */
	private opening: Opening | undefined;

	constructor(clock: Clock) {
		this.clock = clock;
		this.connector = createConnector(clock);
	}

	open(endpoint: Endpoint, deadline: Milliseconds): () => void {
		this.opening?.close();
		const opening = new Opening(endpoint, this.clock, deadline);
		this.opening = opening;
		return () => opening.close();
	}

	connect(options: MqttConnectOptions, events: MqttEvents, deadline: Milliseconds): Promise<MqttConnection> {
		const { clock, connector, opening } = this;
		this.opening = undefined;
		const taken = opening?.take(options);
		if (!taken) return connector.connect(options, events, deadline);
		const end = clock.ticks() + deadline;
		const { isOpen } = opening as Opening;
		return connector.connectTo(taken, options, events, deadline).catch((failure: Failure) => {
			// The broker may have closed it in this very moment.
			if (!isOpen || failure.code !== "connection-lost") throw failure;
			return connector.connect(options, events, end - clock.ticks());
		});
	}
}

class Opening {
	/** The server is trusted. */
	isOpen = false;
	private readonly endpoint: Endpoint;
	private readonly target: Promise<BrokerEndpoint>;
	private readonly timer: Timer;
	private stream: SecureStream | undefined;
	/** Closed, lost or taken. */
	private isOver = false;
	private isTaken = false;

	constructor(endpoint: Endpoint, clock: Clock, deadline: Milliseconds) {
		this.endpoint = endpoint;
		this.timer = Timer.set(() => this.close(), deadline);
		this.target = resolveEndpoint(endpoint, "connect", clock, deadline).then((target) => this.start(target));
		this.target.catch(() => this.close());
	}

	private start(target: BrokerEndpoint): BrokerEndpoint {
		// Closed while the name was looked up.
		if (this.isOver && !this.isTaken) return target;
		const stream = new SecureStream({ secure: target });
		this.stream = stream;
		stream.callback = (message) => {
			if (message === 1) this.isOpen = true;
			else this.close();
		};
		const adopt = () => this.adopt(stream);
		return {
			...target,
			// The SDK's client calls it with `new`: the object that it returns is the result.
			Socket: function Adopted() {
				return adopt();
			} as unknown as typeof SecureStream,
		};
	}

	/** For a client that sets its own callback now. */
	private adopt(stream: SecureStream): SecureStream {
		if (this.isOpen)
			Timer.set(() => {
				if (stream.errorCode === undefined) stream.callback(1);
			});
		return stream;
	}

	/** @returns the way to the connection, if it leads there; otherwise it is closed */
	take({ endpoint, certificate }: MqttConnectOptions): Promise<BrokerEndpoint> | undefined {
		const { secure, host, port, trust } = this.endpoint;
		if (
			this.isOver ||
			certificate ||
			endpoint.secure !== secure ||
			endpoint.host !== host ||
			endpoint.port !== port ||
			endpoint.trust.join() !== trust.join()
		) {
			this.close();
			return undefined;
		}
		this.isOver = true;
		this.isTaken = true;
		Timer.clear(this.timer);
		return this.target;
	}

	close(): void {
		if (this.isOver) return;
		this.isOver = true;
		Timer.clear(this.timer);
		this.stream?.close();
	}
}
