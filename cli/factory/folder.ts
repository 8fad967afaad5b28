import { createHash } from "node:crypto";
import {
	closeSync,
	existsSync,
	fsyncSync,
	mkdirSync,
	openSync,
	readdirSync,
	readFileSync,
	renameSync,
	statSync,
	writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { tryLock } from "../state/lock.js";

/** A file that is made, always the same of the same input. */
export interface Artefact {
	/** Within the folder, with `/`. */
	readonly path: string;
	/** For its owner only, and without a hash that would tell of it. */
	readonly secret: boolean;
	chunks(): Iterable<string | Uint8Array>;
}

/** A file that is there, and whole. */
export interface Finished {
	readonly path: string;
	readonly bytes: number;
	/** Hexadecimal; absent for what holds a secret. */
	readonly sha256?: string;
}

/** All that decides what is in the files but the secrets: whoever runs it with the same gets the same. */
export type Input = Readonly<Record<string, unknown>>;

/** Says what the folder is for, from the first moment; so an interrupted run is known again. */
const input = "batch.json";
/** Comes last: where it is, all is done. */
const summary = "summary.json";

/**
 * Makes the files of a batch, unless they are there already. A file has its name only when it is whole, so a run that
 * was interrupted is simply run again.
 *
 * @param summarize what stands in `summary.json` besides the input and the files
 * @returns how many files were made; none if all was done before
 * @throws Error when the folder holds anything else, before anything is written
 */
export function makeBatch(folder: string, batch: Input, artefacts: readonly Artefact[], summarize: Input): number {
	const description = json(batch);
	const before = refuseOthers(folder, description, artefacts);
	mkdirSync(folder, { recursive: true });
	const release = claim(folder);
	try {
		return make(folder, description, batch, artefacts, summarize, before);
	} finally {
		release();
	}
}

function make(
	folder: string,
	description: string,
	batch: Input,
	artefacts: readonly Artefact[],
	summarize: Input,
	before: ReadonlyMap<string, string>,
): number {
	if (!existsSync(join(folder, input))) write(folder, { path: input, secret: false, chunks: () => [description] });
	let made = 0;
	const files = artefacts.map((artefact) => {
		const there = existsSync(join(folder, artefact.path));
		if (!there) made++;
		const finished = there ? read(folder, artefact) : write(folder, artefact);
		const known = before.get(artefact.path);
		if (there && known !== undefined && known !== finished.sha256)
			throw new Error(
				`${join(folder, artefact.path)} has been changed since it was made: delete it, and run this again to have it made anew`,
			);
		return finished;
	});
	const whole = json({ input: batch, ...summarize, files });
	const target = join(folder, summary);
	if (!existsSync(target) || readFileSync(target, "utf8") !== whole)
		write(folder, { path: summary, secret: false, chunks: () => [whole] });
	return made;
}

/** @returns hashes of what was finished before, by path */
function refuseOthers(folder: string, description: string, artefacts: readonly Artefact[]): Map<string, string> {
	const hashes = new Map<string, string>();
	if (!existsSync(folder)) return hashes;
	if (!statSync(folder).isDirectory()) throw new Error(`${folder} is a file: choose a folder with --out`);
	const others = readdirSync(folder).filter((name) => !name.startsWith(lock) && name !== `${input}${unfinished}`);
	if (others.length === 0) return hashes;
	const target = join(folder, input);
	const elsewhere = "choose another folder with --out, or delete this one if nothing in it is needed";
	if (!existsSync(target)) throw new Error(`${folder} has other files in it: ${elsewhere}`);
	const was = readFileSync(target, "utf8");
	if (was !== description)
		throw new Error(`${folder} holds another batch (${differences(was, description)}): ${elsewhere}`);
	for (const artefact of artefacts.filter(({ secret, path }) => secret && existsSync(join(folder, path))))
		if (readFileSync(join(folder, artefact.path), "utf8") !== [...artefact.chunks()].join(""))
			throw new Error(
				`${join(folder, artefact.path)} was made with another product secret, or has been changed: ${elsewhere}`,
			);
	const finished = join(folder, summary);
	if (existsSync(finished))
		for (const { path, sha256 } of filesOf(finished)) if (sha256 !== undefined) hashes.set(path, sha256);
	return hashes;
}

/** @throws Error when it has been changed by hand */
function filesOf(file: string): readonly Finished[] {
	try {
		const { files } = JSON.parse(readFileSync(file, "utf8")) as { files: Finished[] };
		return files.map(({ path, bytes, sha256 }) => ({ path, bytes, ...(sha256 !== undefined && { sha256 }) }));
	} catch {
		throw new Error(`${file} has been changed since it was made: delete it, and run this again to have it made anew`);
	}
}

/** Holds the process that is at work. One that was killed leaves it behind. */
const lock = ".lock";

/** @throws Error while another process is at work in this folder @returns what gives it up again */
function claim(folder: string): () => void {
	const path = join(folder, lock);
	const release = tryLock(path);
	if (typeof release === "function") return release;
	throw new Error(
		`process ${release} is at work in ${folder}: wait until it is done, or delete ${path} if it is another program`,
	);
}

/** Names of what differs: "boards, names". */
function differences(one: string, other: string): string {
	const [a, b] = [one, other].map((text) => {
		try {
			return JSON.parse(text) as Input;
		} catch {
			return {};
		}
	}) as [Input, Input];
	const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
	return `its ${keys.filter((key) => JSON.stringify(a[key]) !== JSON.stringify(b[key])).join(", ")} differ`;
}

const unfinished = ".part";

function write(folder: string, { path, secret, chunks }: Artefact): Finished {
	const target = join(folder, path);
	// Whoever made the folder decides about the rest; what holds a secret has one of its own.
	mkdirSync(dirname(target), { recursive: true, ...(secret && { mode: 0o700 }) });
	const hash = createHash("sha256");
	let bytes = 0;
	const file = openSync(`${target}${unfinished}`, "w", secret ? 0o600 : 0o644);
	try {
		for (const chunk of chunks()) {
			const content = Buffer.from(chunk as string);
			hash.update(content);
			bytes += content.length;
			writeAll(file, content);
		}
		// On the disk before it has its name.
		fsyncSync(file);
	} finally {
		closeSync(file);
	}
	renameSync(`${target}${unfinished}`, target);
	return { path, bytes, ...(!secret && { sha256: hash.digest("hex") }) };
}

function writeAll(file: number, content: Uint8Array): void {
	for (let written = 0; written < content.length; ) written += writeSync(file, content, written);
}

function read(folder: string, { path, secret }: Artefact): Finished {
	const content = readFileSync(join(folder, path));
	const sha256 = createHash("sha256").update(content).digest("hex");
	return { path, bytes: content.length, ...(!secret && { sha256 }) };
}

function json(value: unknown): string {
	return `${JSON.stringify(value, undefined, "\t")}\n`;
}
