import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Cloud, type CloudOptions, type Entry, type ProductChange, startCloud } from "@dynreg/cloud";
import { leaks } from "../secrets/leaks.js";
import { knownSecrets } from "../secrets/watch.js";
import { Board, type BoardRun } from "./board.js";
import type { Driver } from "./driver.js";

/** A made-up product; nothing about it is secret anywhere else. */
export const product = { id: "E2EPROD001", secret: "e2e-product-secret-0001" };
export const name = "board-1";

/** What a configuration has other than usual. */
export interface Change extends Readonly<Record<string, unknown>> {
	readonly productSecret?: string;
}

/** A cloud, and boards that live on one host. Everything of one scenario, and gone with it. */
export class World {
	readonly driver: Driver;
	readonly #folder: string;
	readonly #clouds: Cloud[] = [];
	readonly #boards: Board[] = [];
	readonly #journal: Entry[] = [];
	readonly #states: string[] = [];
	readonly #productSecrets = new Set<string>();
	#files = 0;

	static async create(driver: Driver): Promise<World> {
		return new World(driver, await mkdtemp(join(tmpdir(), "dynreg-e2e-")));
	}

	private constructor(driver: Driver, folder: string) {
		this.driver = driver;
		this.#folder = folder;
	}

	/** A cloud with the product. */
	async cloud(change: Partial<ProductChange> = {}, options: CloudOptions = {}): Promise<Cloud> {
		const state = this.file("cloud.json");
		const cloud = await startCloud({ ...options, state, onRequest: (entry) => this.#journal.push(entry) });
		this.#states.push(state);
		this.#clouds.push(cloud);
		cloud.administration.putProduct("tencent", product.id, { secret: product.secret, ...change });
		return cloud;
	}

	/** A configuration file for a board of this cloud and the Tencent product. */
	config(cloud: Cloud, change: Change = {}): Promise<string> {
		const endpoints = { register: cloud.urls.https, mqtt: cloud.urls.mqtts };
		return this.configure(cloud, { cloud: "tencent", productId: product.id, endpoints, ...change });
	}

	/** A configuration file for a board of this cloud. */
	async configure({ ca }: Cloud, platform: Change): Promise<string> {
		const file = this.file("config.json");
		const configuration = { productSecret: product.secret, deviceName: name, ca, spread: 0, ...platform };
		this.#productSecrets.add(configuration.productSecret);
		await writeFile(file, JSON.stringify(configuration));
		return file;
	}

	/** Switches a board on. */
	board(run: BoardRun): Board {
		const board = new Board(this.driver, run);
		this.#boards.push(board);
		return board;
	}

	/** The name of a file that is not there yet. */
	file(name: string): string {
		return join(this.#folder, `${++this.#files}-${name}`);
	}

	/** What the clouds have seen of one operation: "register/v2", "connect" … */
	seen(operation: string, verdict?: Entry["verdict"]): Entry[] {
		return this.#journal.filter(
			(entry) => entry.operation.startsWith(operation) && (verdict === undefined || entry.verdict === verdict),
		);
	}

	/**
	 * Ends everything.
	 *
	 * @throws Error when a secret stands in anything that was printed (invariant 8)
	 */
	async end(): Promise<void> {
		await Promise.all(this.#boards.map((board) => board.kill()));
		await Promise.all(this.#clouds.map((cloud) => cloud.close()));
		const states = await Promise.all(this.#states.map((state) => readFile(state, "utf8")));
		await rm(this.#folder, { recursive: true, force: true });
		const printed = [...this.#boards.map(({ output }) => output), JSON.stringify(this.#journal)];
		// Those at the end, and those that have been replaced on the way.
		const secrets = [
			...this.#productSecrets,
			...states.flatMap((state) => secretsIn(JSON.parse(state))),
			...knownSecrets(),
		];
		const [found] = leaks(printed, secrets);
		if (found !== undefined) throw new Error(`printed: ${found}`);
	}
}

/** A device secret as the platform makes them. */
export function newKey(): string {
	return randomBytes(16).toString("base64");
}

/** Every secret in a cloud's state: of products, devices and their boards, and private keys. */
function secretsIn(value: unknown): string[] {
	if (typeof value !== "object" || value === null) return [];
	return Object.entries(value).flatMap(([name, each]) =>
		/^(secret|nextSecret|token|key)$/.test(name) && typeof each === "string"
			? [each.replace(/-----[^-]+-----|\s/g, "")]
			: secretsIn(each),
	);
}
