/**
 * The topics of a platform's devices, as a table: who may publish and subscribe, and what the platform responds. Each
 * platform has its table in one place, `topics.ts`; `docs/reference/topics.md` is made from them.
 */

import type { Device } from "../products/product.js";
import type { Message } from "./platform.js";

export interface TopicOwner {
	readonly productId: string;
	readonly device: Device;
}

export interface TopicRequest extends TopicOwner {
	readonly topic: string;
	readonly payload: Buffer;
	/** UTC in milliseconds since 1970. */
	readonly now: number;
}

/** @returns the platform's response, if it has one */
export type Responder = (request: TopicRequest) => Message | undefined;

/**
 * Where a row is from. "documented": the vendor's documentation. "SDK": a vendor's SDK uses the topic. "not established":
 * neither says so, but clients that work with the real platform rely on it.
 */
export type TopicSource = "documented" | "SDK" | "not established";

export interface TopicRow {
	/**
	 * `{own}`: product and device name; `{product}`: the product; `{service}`: one level without a wildcard. `+` is one level,
	 * also with text behind it, `#` at the end one or more levels.
	 */
	readonly topic: string;
	/** `up`: the device publishes. `down`: it subscribes. */
	readonly direction: "up" | "down" | "both";
	readonly source: TopicSource;
	readonly respond?: Responder;
	/** What the response is, or why there is none, for people. */
	readonly response?: string;
	/** The platform subscribes its devices to the topic by itself. */
	readonly automatic?: true;
	/** A device may also subscribe to this topic of its own, as a vendor's SDK does. Nothing comes on it. */
	readonly subscribable?: true;
	/** Covers what other rows do not. */
	readonly fallback?: true;
}

/** What one device may do. */
export interface DeviceTopics {
	mayPublish(topic: string): boolean;
	maySubscribe(filter: string): boolean;
	isAutomatic(topic: string): boolean;
	/** A device that has subscribed to the topic receives what it publishes there itself. */
	comesBack(topic: string): boolean;
	respond(topic: string, payload: Buffer, now: number): Message | undefined;
}

interface CompiledRow extends TopicRow {
	readonly levels: readonly string[];
}

export class TopicTable {
	readonly #rows: readonly CompiledRow[];

	constructor(rows: readonly TopicRow[]) {
		this.#rows = rows.map((row) => ({ ...row, levels: row.topic.replace("{own}", "{product}/{device}").split("/") }));
	}

	of(owner: TopicOwner): DeviceTopics {
		return {
			mayPublish: (topic) => this.#rule(topic, owner, "up") !== undefined,
			maySubscribe: (filter) => this.#rule(filter, owner, "down") !== undefined,
			isAutomatic: (topic) => this.#rule(topic, owner, "down")?.automatic ?? false,
			comesBack: (topic) => {
				const row = this.#rule(topic, owner, "up");
				return row?.direction === "both" && !row.automatic;
			},
			respond: (topic, payload, now) => this.#rule(topic, owner, "up")?.respond?.({ ...owner, topic, payload, now }),
		};
	}

	/** A row that covers the topic or filter in this direction. A topic of the other direction is not left to fallbacks. */
	#rule(filter: string, owner: TopicOwner, direction: "up" | "down"): CompiledRow | undefined {
		const levels = filter.split("/");
		const covering = this.#rows.filter((row) => covers(row.levels, levels, owner));
		const fits = (row: CompiledRow): boolean =>
			row.direction === direction || row.direction === "both" || (direction === "down" && row.subscribable === true);
		const specific = covering.filter(({ fallback }) => !fallback);
		return specific.find(fits) ?? (specific.length > 0 ? undefined : covering.find(fits));
	}
}

/** Whether all topics of the filter are topics of the row. */
function covers(row: readonly string[], filter: readonly string[], { productId, device }: TopicOwner): boolean {
	for (const [index, wanted] of row.entries()) {
		const level = filter[index];
		if (level === undefined) return false;
		if (wanted === "#") return filter.slice(index).join("") !== "";
		if (level === "#" || (wanted === "{service}" && !/^\w+$/.test(level))) return false;
		if (wanted === "{service}") continue;
		if (wanted.startsWith("+")) {
			const ending = wanted.slice(1);
			if (level.length === ending.length || !level.endsWith(ending)) return false;
			continue;
		}
		const literal = wanted === "{product}" ? productId : wanted === "{device}" ? device.name : wanted;
		if (level !== literal) return false;
	}
	return filter.length === row.length;
}
