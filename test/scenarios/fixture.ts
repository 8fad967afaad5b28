import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Cloud, type CloudOptions, startCloud } from "@dynreg/cloud";
import type { ProductChange } from "@dynreg/cloud/internal/admin/products";
import type { JournalEntry } from "@dynreg/cloud/internal/server/journal";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { findLeaks } from "../secrets/leaks.js";
import { knownSecrets } from "../secrets/watch.js";
import type { BoardHost } from "../support/board-hosts.js";
import { TestBoard, type TestBoardOptions } from "../support/test-board.js";

/** A made-up product; nothing about it is secret anywhere else. */
export const product = { id: "E2EPROD001", secret: "e2e-product-secret-0001" };
export const deviceName = "board-1";

/** A cloud, and boards on one host. Everything of one scenario, and gone with it. */
export class Fixture {
	readonly host: BoardHost;
	readonly #folder: string;
	readonly #clouds: Cloud[] = [];
	readonly #boards: TestBoard[] = [];
	readonly #journal: JournalEntry[] = [];
	readonly #productSecrets = new Set<string>();
	#files = 0;

	static async create(host: BoardHost): Promise<Fixture> {
		return new Fixture(host, await mkdtemp(join(tmpdir(), "dynreg-scenario-")));
	}

	private constructor(host: BoardHost, folder: string) {
		this.host = host;
		this.#folder = folder;
	}

	/** A cloud with the product. */
	async cloud(change: Partial<ProductChange> = {}, options: CloudOptions = {}): Promise<Cloud> {
		const cloud = await startCloud({
			...options,
			timeScale: this.host.time,
			onRequest: (entry) => this.#journal.push(entry),
		});
		this.#clouds.push(cloud);
		cloud.administration.putProduct("tencent", product.id, { secret: product.secret, ...change });
		return cloud;
	}

	/** A cloud whose authority is no other cloud's, and whose certificate outlasts it. */
	cloudWithOwnAuthority(): Promise<Cloud> {
		return this.cloud({}, { state: this.file("cloud.json") });
	}

	/** The configuration of a board of this cloud and the Tencent product. */
	configuration(cloud: Cloud, change: RawConfiguration = {}): RawConfiguration {
		const endpoints = { register: cloud.urls.https, mqtt: cloud.urls.mqtts };
		return this.configure(cloud, { cloud: "tencent", productId: product.id, endpoints, ...change });
	}

	/** The configuration of a board of this cloud. */
	configure({ ca }: Cloud, platform: RawConfiguration): RawConfiguration {
		const configuration = { productSecret: product.secret, deviceName: deviceName, ca, startupJitter: 0, ...platform };
		this.#productSecrets.add(String(configuration.productSecret));
		return configuration;
	}

	/** Switches a board on. */
	async board(options: TestBoardOptions): Promise<TestBoard> {
		const board = await TestBoard.start(this.host, options);
		this.#boards.push(board);
		return board;
	}

	/**
	 * Switches a board on, and off at this event. What a simulator reports has happened a moment before: the clouds leave
	 * a CONNECT without a response, and the journal without it, so that a board whose power goes when it has stored its
	 * credential has not been online.
	 *
	 * @throws Error where only a person could help it there
	 */
	async runUntil(until: "stored" | "online", options: TestBoardOptions): Promise<TestBoard> {
		const clouds = until === "stored" ? this.#clouds.map(({ administration }) => administration) : [];
		for (const cloud of clouds) cloud.addFaults([{ operation: "connect", fault: "silence" }]);
		const board = await this.board({ ...options, until });
		await board.reached(until);
		for (const cloud of clouds) {
			cloud.clearFaults();
			this.#forget({ operation: "connect", verdict: "closed" });
		}
		return board;
	}

	/** The name of a file that is not there yet. */
	file(name: string): string {
		return join(this.#folder, `${++this.#files}-${name}`);
	}

	/** What the clouds have seen of one operation: "register/v2", "connect" … */
	requests(operation: string, verdict?: JournalEntry["verdict"]): JournalEntry[] {
		return this.#journal.filter(
			(entry) => entry.operation.startsWith(operation) && (verdict === undefined || entry.verdict === verdict),
		);
	}

	#forget({ operation, verdict }: Pick<JournalEntry, "operation" | "verdict">): void {
		const others = this.#journal.filter((entry) => entry.operation !== operation || entry.verdict !== verdict);
		this.#journal.splice(0, Infinity, ...others);
	}

	/**
	 * Ends everything.
	 *
	 * @throws Error when a secret stands in anything that a board said or a cloud noted (invariant 8)
	 */
	async close(): Promise<void> {
		for (const board of this.#boards) board.powerOff();
		await Promise.all(this.#boards.map((board) => board.ended()));
		await Promise.all(this.#clouds.map((cloud) => cloud.close()));
		await rm(this.#folder, { recursive: true, force: true });
		const printed = [...this.#boards.map(String), JSON.stringify(this.#journal)];
		const [found] = findLeaks(printed, [...this.#productSecrets, ...knownSecrets()]);
		if (found !== undefined) throw new Error(`printed: ${found}`);
	}
}

/** A device secret as the platform makes them. */
export function randomDeviceSecret(): string {
	return randomBytes(16).toString("base64");
}
