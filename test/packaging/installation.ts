import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, realpath, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { project } from "@dynreg/cli/internal/sdk/moddable-sdk";

const run = promisify(execFile);

export interface Manifest {
	readonly name: string;
	readonly version: string;
	readonly private?: boolean;
	readonly bin?: Readonly<Record<string, string>>;
	readonly scripts?: Readonly<Record<string, string>>;
	readonly dependencies?: Readonly<Record<string, string>>;
	readonly optionalDependencies?: Readonly<Record<string, string>>;
	readonly devDependencies?: Readonly<Record<string, string>>;
}

/** A package as `npm publish` would send it. */
export interface Packed {
	readonly manifest: Manifest;
	/** The tarball. */
	readonly file: string;
	/** Bytes. */
	readonly size: number;
	readonly unpackedSize: number;
	readonly files: readonly string[];
}

export async function readManifest(folder: string): Promise<Manifest> {
	return JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
}

/** Third-party packages as well as this project's own. */
export function dependenciesOf({ dependencies, optionalDependencies }: Manifest): string[] {
	return Object.keys({ ...dependencies, ...optionalDependencies });
}

/** Packs all packages that are published, as they have been built. */
export async function packAll(folder: string): Promise<Packed[]> {
	const { workspaces } = JSON.parse(await readFile(join(project, "package.json"), "utf8")) as { workspaces: string[] };
	const published: string[] = [];
	for (const path of workspaces) if (!(await readManifest(join(project, path))).private) published.push(path);
	const choice = published.flatMap((path) => ["--workspace", path]);
	const { stdout } = await run(
		"npm",
		["pack", "--json", "--ignore-scripts", "--pack-destination", folder, "--include-workspace-root", ...choice],
		{ cwd: project, maxBuffer: 1e8 },
	);
	const packed = JSON.parse(stdout) as {
		filename: string;
		size: number;
		unpackedSize: number;
		files: { path: string }[];
		name: string;
	}[];
	return Promise.all(
		packed.map(async ({ filename, size, unpackedSize, files, name }) => {
			const path = [...published, "."].find((each) => name === nameOf(each)) ?? ".";
			return {
				manifest: await readManifest(join(project, path)),
				file: join(folder, filename),
				size,
				unpackedSize,
				files: files.map((each) => each.path),
			};
		}),
	);
}

/** By the folder of a workspace. */
function nameOf(path: string): string {
	return path === "." ? "dynreg" : `@dynreg/${path.split("/").at(-1)}`;
}

/**
 * Puts packages where `npm install` does. Packages of others are links to the clone's: that takes no network, no cache
 * and no compiler. Only direct dependencies are linked, so what a package uses without saying so is not found.
 *
 * @param more other packages that the application depends on
 */
export async function install(
	application: string,
	packages: readonly Packed[],
	more: readonly string[] = [],
): Promise<void> {
	const modules = join(application, "node_modules");
	await mkdir(join(modules, ".bin"), { recursive: true });
	const own = packages.map(({ manifest }) => manifest.name);
	for (const { manifest, file } of packages) {
		const folder = join(modules, manifest.name);
		await mkdir(folder, { recursive: true });
		await run("tar", ["xzf", file, "--strip-components=1", "-C", folder]);
		for (const [name, path] of Object.entries(manifest.bin ?? {}))
			await symlink(join(folder, path), join(modules, ".bin", name));
	}
	const others = new Set([...packages.flatMap(({ manifest }) => dependenciesOf(manifest)), ...more]);
	for (const name of [...others].filter((each) => !own.includes(each))) {
		await mkdir(dirname(join(modules, name)), { recursive: true });
		await symlink(await realpath(join(project, "node_modules", name)), join(modules, name));
	}
}

/** SHA-256 of every file of the installed packages of this project, by path. */
export async function fileHashes(application: string): Promise<Record<string, string>> {
	const found: Record<string, string> = {};
	for (const folder of ["dynreg", "@dynreg"]) {
		const root = join(application, "node_modules", folder);
		const entries = await readdir(root, { recursive: true, withFileTypes: true });
		for (const entry of entries.filter((each) => each.isFile())) {
			const path = join(entry.parentPath, entry.name);
			found[path.slice(application.length + 1)] = createHash("sha256")
				.update(await readFile(path))
				.digest("hex");
		}
	}
	return found;
}
