import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ProductChange } from "../../cloud/administration.js";
import { type Cloud, type CloudOptions, startCloud } from "../../cloud/cloud.js";
import type { Entry } from "../../cloud/journal.js";
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
		const printed = [...this.#boards.map(({ output }) => output), JSON.stringify(this.#journal)].join("\n");
		const secrets = [...this.#productSecrets, ...states.flatMap((state) => secretsIn(JSON.parse(state)))];
		for (const secret of secrets)
			for (const form of formsOf(secret))
				if (printed.includes(form)) throw new Error(`a secret has been printed (it begins with ${form.slice(0, 3)})`);
	}
}

/** A device secret as the platform makes them. */
export function newKey(): string {
	return randomBytes(16).toString("base64");
}

/** Every secret of products and devices in a cloud's state. */
function secretsIn(value: unknown): string[] {
	if (typeof value !== "object" || value === null) return [];
	return Object.entries(value).flatMap(([key, each]) =>
		/^(secret|nextSecret|token)$/.test(key) && typeof each === "string" ? [each] : secretsIn(each),
	);
}

/** A secret as it is, and in the encodings in which it might slip through. */
function formsOf(secret: string): string[] {
	const bytes = Buffer.from(secret);
	return [
		secret,
		encodeURIComponent(secret),
		bytes.toString("hex"),
		bytes.toString("base64"),
		Buffer.from(secret, "base64").toString("hex"),
	];
}
