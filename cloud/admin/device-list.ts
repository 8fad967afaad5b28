/** The devices of all products, searched and a page at a time. */

import { authMethods, credentialHolders, type Device, deviceStates, type Product } from "../products/product.js";
import { deviceView, deviceViewOf } from "./devices.js";
import { type AdminContext, operation } from "./operation.js";
import { findProduct } from "./products.js";
import { choice, described, list, object, optional, string, wholeNumber, wholeNumberText } from "./schema.js";

/** The most devices in one response. */
const maxListed = 200;

const states = [...deviceStates, "online", "offline"] as const;
type State = (typeof states)[number];

const counts = object({
	created: wholeNumber("devices"),
	registered: wholeNumber("devices"),
	active: wholeNumber("devices"),
	online: wholeNumber("devices"),
});

export const listDevices = operation({
	method: "GET",
	path: "/devices",
	summary: "The devices of all products, searched by name and state, a page at a time.",
	body: object({
		platform: optional(string()),
		product: described("With `platform`: only this product.", optional(string())),
		search: described("Part of the name, in any case.", optional(string())),
		state: optional(choice(states)),
		offset: described("How many devices to skip. Default: none.", optional(wholeNumberText("devices", 0, 100_000_000))),
		limit: described("Default: 50.", optional(wholeNumberText("devices", 1, maxListed))),
	}),
	response: object({
		total: described("How many match.", wholeNumber("devices")),
		/** Of all devices that match, whatever `state` says. */
		counts,
		devices: list(object({ platform: string(), product: string(), auth: string(authMethods), device: deviceView })),
	}),
	run(context, _, { platform, product, search = "", state, offset = 0, limit = 50 }) {
		const wanted = search.trim().toLowerCase();
		const products =
			platform !== undefined && product !== undefined
				? [findProduct(context, platform, product)]
				: [...context.products.all()].filter((each) => platform === undefined || each.platform === platform);
		const counted = { created: 0, registered: 0, active: 0, online: 0 };
		const found: { readonly product: Product; readonly device: Device }[] = [];
		let total = 0;
		for (const each of products)
			for (const device of each.devices.values()) {
				if (wanted !== "" && !device.name.toLowerCase().includes(wanted)) continue;
				const online = isOnline(context, device);
				counted[device.state]++;
				if (online) counted.online++;
				if (!hasState(device, online, state)) continue;
				if (total >= offset && found.length < limit) found.push({ product: each, device });
				total++;
			}
		return {
			total,
			counts: counted,
			devices: found.map(({ product: owner, device }) => ({
				platform: owner.platform,
				product: owner.id,
				auth: owner.auth,
				device: deviceViewOf(context, owner, device),
			})),
		};
	},
});

function isOnline({ broker }: AdminContext, device: Device): boolean {
	// A device without tokens has one connection; most devices are like that.
	if (device.boards) return credentialHolders(device).some((holder) => broker.isConnected(holder));
	return broker.isConnected(device);
}

function hasState(device: Device, online: boolean, state: State | undefined): boolean {
	if (state === undefined) return true;
	if (state === "online") return online;
	return state === "offline" ? !online : device.state === state;
}
