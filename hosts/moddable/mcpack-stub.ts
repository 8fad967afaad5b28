/**
 * The file that `mcpack` finds under the public names (`exports` in package.json). The package's manifest contains the
 * modules by platform; if `mcpack` found them too, an image would contain each module twice.
 */
export {};
