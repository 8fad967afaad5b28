/**
 * A session by access token, which is the user name, or by MQTT basic credentials; and registration over MQTT, as user or
 * client `provision`.
 *
 * Source: MqttTransportHandler.java (`onValidateDeviceResponse`), ReturnCodeResolver.java of ThingsBoard 4.4.
 */

import type { Device, Product } from "../../products/product.js";
import type { Products } from "../../products/products.js";
import type {
	ClaimedIdentity,
	Connect,
	ConversationLogin,
	Login,
	PlatformContext,
	RefusedLogin,
	Session,
} from "../platform.js";
import { provision } from "./provision.js";
import { deviceTopics } from "./topics.js";

export const operation = "register/provision-mqtt";

interface ProductDevice {
	readonly product: Product;
	readonly device: Device;
}

/** A user name says nothing about the platform, so that only its products do. */
function ownProducts(products: Products): readonly Product[] {
	return [...products.all()].filter(({ platform }) => platform === "thingsboard");
}

/** The other platforms' user names have a separator. */
function isOurs({ username = "" }: Pick<Connect, "username">, products: Products): boolean {
	return !/[;&|/]/.test(username) && ownProducts(products).length > 0;
}

function isProvisioning({ clientId, username }: Pick<Connect, "clientId" | "username">): boolean {
	return username === "provision" || clientId === "provision";
}

export function claimedIdentity(
	connect: Pick<Connect, "clientId" | "username">,
	products: Products,
): ClaimedIdentity | undefined {
	if (!isOurs(connect, products)) return undefined;
	if (isProvisioning(connect)) return { operation };
	const found = find(products, (device) => isClaimedBy(device, connect));
	return { operation: "connect", ...(found && { product: found.product.id, device: found.device.name }) };
}

export function login(connect: Connect, context: PlatformContext): Login | undefined {
	const { products } = context;
	if (!isOurs(connect, products)) return undefined;
	if (isProvisioning(connect)) return conversation;
	const { clientId, username, password } = connect;
	const found = find(products, (device) => isClaimedBy(device, connect));
	if (!found) return refuseUnknown(connect, products);
	const names = { product: found.product.id, device: found.device.name };
	const { details, secret } = found.device;
	const isBasic = details?.clientId !== undefined;
	if (isBasic && details.clientId !== "" && details.clientId !== clientId)
		return refused(5, "The client id is not the one of the device's basic credentials.", names);
	if (isBasic && details.userName !== "" && details.userName !== username)
		return refused(5, "The user name is not the one of the device's basic credentials.", names);
	if (isBasic && secret !== (password ?? ""))
		return refused(5, "The password is wrong. Expected the one of the device's basic credentials.", names);
	return { verdict: "accepted", ...found, session: createSession(found) };
}

/** Whether the CONNECT names this device: by its access token, or by the names of its basic credentials. */
function isClaimedBy(
	{ details, secret }: Device,
	{ clientId, username = "" }: Pick<Connect, "clientId" | "username">,
): boolean {
	if (secret === undefined) return false;
	if (details?.clientId === undefined) return secret === username;
	return details.userName === "" ? details.clientId === clientId : details.userName === username;
}

function find(products: Products, fits: (device: Device) => boolean): ProductDevice | undefined {
	for (const product of ownProducts(products))
		for (const device of product.devices.values()) if (fits(device)) return { product, device };
	return undefined;
}

function refuseUnknown({ clientId, username }: Connect, products: Products): RefusedLogin {
	if (username === undefined)
		return refused(clientId === "" ? 5 : 2, "The user name is missing. Expected the access token as the user name.");
	if (ownProducts(products).some(({ secret, id }) => secret === username || id === username))
		return refused(
			5,
			"The user name is provisionDeviceKey or provisionDeviceSecret. Expected the device's access token.",
		);
	return refused(
		5,
		"No device has this access token or user name. Let the board register, or delete the device if its name is taken.",
	);
}

function refused(
	code: RefusedLogin["code"],
	reason: string,
	names: Pick<RefusedLogin, "product" | "device"> = {},
): RefusedLogin {
	return { verdict: "refused", code, reason, ...names };
}

function createSession({ product, device }: ProductDevice): Session {
	return { ...deviceTopics.of({ productId: product.id, device }), control: "v1/devices/me/rpc/request/1" };
}

const request = "/provision/request";
const response = "/provision/response";

/** The server ends the connection 60 s after its response; here that is 60 s after the CONNECT. */
const conversation: ConversationLogin = {
	verdict: "registering",
	platform: "thingsboard",
	operation,
	reason: "Connected to register.",
	names: {},
	timeLimit: 60,
	conversation: {
		mayPublish: (topic) => topic === request,
		maySubscribe: (filter) => filter === response,
		async respond(_, payload, context) {
			const { body, outcome } = provision(payload, context);
			return { operation, message: { topic: response, payload: body }, outcome };
		},
	},
};
