import type { Storage } from "dynreg/contracts/host";

/** A storage whose operation of this number, from 0, is never done. */
export function cuttingStorage(storage: Storage, at: number, cut: () => never): Storage {
	let count = 0;
	const step = () => {
		if (count++ === at) cut();
	};
	return {
		maxValueBytes: storage.maxValueBytes,
		get(name) {
			step();
			return storage.get(name);
		},
		set(name, value) {
			step();
			storage.set(name, value);
		},
		delete(name) {
			step();
			storage.delete(name);
		},
	};
}
