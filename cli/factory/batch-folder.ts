import { createHash } from "node:crypto";
import {
	chmodSync,
	closeSync,
	existsSync,
	fsyncSync,
	openSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { makeFolder } from "@dynreg/cloud/internal/server/make-folder";
import { folderLock, lockFolder } from "../state/lock-folder.js";

/** A file that is made, always the same of the same input. */
export interface OutputFile {
	/** Within the folder, with `/`. */
	readonly path: string;
	/** For its owner only, and without a hash that would tell of it. */
	readonly secret: boolean;
	chunks(): Iterable<string | Uint8Array>;
}

/** A file that is there, and whole. */
export interface WrittenFile {
	readonly path: string;
	readonly bytes: number;
	/** Hexadecimal; absent for what holds a secret. */
	readonly sha256?: string;
}

/** The inputs of the files, without the secrets: the same inputs give the same files. */
export type BatchInput = Readonly<Record<string, unknown>>;

/** Written first, so that an interrupted run is recognized. */
const inputFile = "batch.json";
/** Comes last: where it is, all is done. */
const summaryFile = "summary.json";

/**
 * Makes the files of a batch, unless they are there already. A file has its name only when it is whole, so a run that
 * was interrupted is simply run again.
 *
 * @param summarize the content of `summary.json` besides the input and the files
 * @returns how many files were made; none if all was done before
 * @throws Error when the folder holds anything else, before anything is written
 */
export function writeBatch(
	folder: string,
	batch: BatchInput,
	files: readonly OutputFile[],
	summarize: BatchInput,
): number {
	const description = formatJson(batch);
	const before = refuseOtherContents(folder, description, files);
	makeFolder(folder);
	const release = lockFolder(folder);
	try {
		return writeMissingFiles(folder, description, batch, files, summarize, before);
	} finally {
		release();
	}
}

function writeMissingFiles(
	folder: string,
	description: string,
	batch: BatchInput,
	files: readonly OutputFile[],
	summarize: BatchInput,
	before: ReadonlyMap<string, string>,
): number {
	if (!existsSync(join(folder, inputFile)))
		writeFile(folder, { path: inputFile, secret: false, chunks: () => [description] });
	let made = 0;
	const written = files.map((file) => {
		const there = existsSync(join(folder, file.path));
		if (!there) made++;
		const finished = there ? readFile(folder, file) : writeFile(folder, file);
		const known = before.get(file.path);
		if (there && known !== undefined && known !== finished.sha256)
			throw new Error(
				`${join(folder, file.path)} was changed after it was made. Delete the file and run the command again.`,
			);
		return finished;
	});
	const whole = formatJson({ input: batch, ...summarize, files: written });
	const target = join(folder, summaryFile);
	if (!existsSync(target) || readFileSync(target, "utf8") !== whole)
		writeFile(folder, { path: summaryFile, secret: false, chunks: () => [whole] });
	return made;
}

/** @returns hashes of what was finished before, by path */
function refuseOtherContents(folder: string, description: string, files: readonly OutputFile[]): Map<string, string> {
	const hashes = new Map<string, string>();
	if (!existsSync(folder)) return hashes;
	if (!statSync(folder).isDirectory()) throw new Error(`${folder} is a file. Choose a folder with --out.`);
	const others = readdirSync(folder).filter(
		(name) => !name.startsWith(folderLock) && name !== `${inputFile}${partSuffix}`,
	);
	if (others.length === 0) return hashes;
	const target = join(folder, inputFile);
	const elsewhere = "Choose another folder with --out, or delete this folder if its files are not needed.";
	if (!existsSync(target)) throw new Error(`The folder ${folder} has other files. ${elsewhere}`);
	const was = readFileSync(target, "utf8");
	if (was !== description)
		throw new Error(`The folder ${folder} holds another batch (${differences(was, description)}). ${elsewhere}`);
	for (const file of files.filter(({ secret, path }) => secret && existsSync(join(folder, path))))
		if (readFileSync(join(folder, file.path), "utf8") !== [...file.chunks()].join(""))
			throw new Error(`${join(folder, file.path)} was made with another product secret, or was changed. ${elsewhere}`);
	const finished = join(folder, summaryFile);
	if (existsSync(finished))
		for (const { path, sha256 } of filesOf(finished)) if (sha256 !== undefined) hashes.set(path, sha256);
	return hashes;
}

/** @throws Error when it has been changed by hand */
function filesOf(file: string): readonly WrittenFile[] {
	try {
		const { files } = JSON.parse(readFileSync(file, "utf8")) as { files: WrittenFile[] };
		return files.map(({ path, bytes, sha256 }) => ({ path, bytes, ...(sha256 !== undefined && { sha256 }) }));
	} catch {
		throw new Error(`${file} was changed after it was made. Delete the file and run the command again.`);
	}
}

/** Names of what differs: "boards, names". */
function differences(one: string, other: string): string {
	const [a, b] = [one, other].map((text) => {
		try {
			return Object(JSON.parse(text)) as BatchInput;
		} catch {
			return {};
		}
	}) as [BatchInput, BatchInput];
	const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
	return `its ${keys.filter((key) => JSON.stringify(a[key]) !== JSON.stringify(b[key])).join(", ")} differ`;
}

const partSuffix = ".part";

function writeFile(folder: string, { path, secret, chunks }: OutputFile): WrittenFile {
	const target = join(folder, path);
	// The folder's permissions are the user's; files with a secret have their own folder.
	makeFolder(dirname(target), secret ? 0o700 : undefined);
	const hash = createHash("sha256");
	let bytes = 0;
	// A new file: a part of an interrupted run could have another mode.
	rmSync(`${target}${partSuffix}`, { force: true });
	const file = openSync(`${target}${partSuffix}`, "wx", secret ? 0o600 : 0o644);
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
	renameSync(`${target}${partSuffix}`, target);
	return { path, bytes, ...(!secret && { sha256: hash.digest("hex") }) };
}

function writeAll(file: number, content: Uint8Array): void {
	for (let written = 0; written < content.length; ) written += writeSync(file, content, written);
}

function readFile(folder: string, { path, secret }: OutputFile): WrittenFile {
	// Others may have been given it meanwhile.
	if (secret) chmodSync(join(folder, path), 0o600);
	const content = readFileSync(join(folder, path));
	const sha256 = createHash("sha256").update(content).digest("hex");
	return { path, bytes: content.length, ...(!secret && { sha256 }) };
}

function formatJson(value: unknown): string {
	return `${JSON.stringify(value, undefined, "\t")}\n`;
}
