import { randomUUID } from "node:crypto";
import { type Faults, withFault } from "../faults/faults.js";
import type {
	AcceptedLogin,
	Connect,
	ConversationLogin,
	Login,
	Platform,
	PlatformContext,
	RefusedLogin,
	RegistrationLogin,
} from "../platforms/platform.js";
import type { Products } from "../products/products.js";
import type { ClientConnection } from "./client-connection.js";

export interface AuthenticationOptions {
	readonly platforms: readonly Platform[];
	readonly context: () => PlatformContext;
	readonly faults: Faults;
}

/** Logs a connection in, and records its CONNECT. @returns the refusal, undefined if the CONNECT is accepted */
export function authenticate(
	connection: ClientConnection,
	username: string | undefined,
	password: string | undefined,
	{ platforms, context, faults }: AuthenticationOptions,
): RefusedLogin | undefined {
	const login = platformLogin(connection.connectRequest(username, password), platforms, context());
	switch (login.verdict) {
		case "accepted":
			beginSession(connection, login, faults, context().products);
			return undefined;
		case "registered":
			beginRegistration(connection, login, faults);
			return undefined;
		case "registering":
			beginConversation(connection, login);
			return undefined;
		case "refused":
			connection.record({ operation: "connect", ...login });
			return login;
	}
}

/** Asks the platform whose form the CONNECT has. */
function platformLogin(connect: Connect, platforms: readonly Platform[], context: PlatformContext): Login {
	for (const platform of platforms) {
		const login = platform.login(connect, context);
		if (login) return login;
	}
	const reason =
		connect.username === undefined
			? "The user name is missing. Expected the user name that the platform defines."
			: "The user name has the form of no known platform. Check the user name and the client id.";
	return { verdict: "refused", code: 4, reason };
}

function beginSession(connection: ClientConnection, login: AcceptedLogin, faults: Faults, products: Products): void {
	const { product, device, board } = login;
	const fault = faults.match("session", "session", () => device.name);
	connection.accept(login, fault);
	// aedes keeps one connection per client id. The platform decides which connections exclude each other.
	connection.client.id = [product.platform, product.id, device.name, ...(board ? [board.clientId] : [])].join("/");
	const first = device.state !== "active";
	products.activate(device);
	const reason = first ? "First connection: the device is active now." : "Connected.";
	connection.record({
		operation: "connect",
		verdict: "accepted",
		...(connection.isResumed && { resumed: true as const }),
		reason: withFault(reason, fault),
	});
}

function beginConversation(connection: ClientConnection, login: ConversationLogin): void {
	connection.accept(login, undefined);
	connection.client.id = randomUUID();
	connection.record({ operation: login.operation, verdict: "accepted", reason: login.reason });
}

function beginRegistration(connection: ClientConnection, login: RegistrationLogin, faults: Faults): void {
	const { device, operation, reason } = login;
	const fault = faults.match(operation, "response", () => device.name);
	connection.accept(login, fault);
	connection.client.id = randomUUID();
	connection.record({ operation, verdict: "accepted", reason: withFault(reason, fault) });
}
