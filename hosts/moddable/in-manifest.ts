/**
 * What `mcpack` finds under the public names (`exports` in package.json). The manifest of the package brings the modules
 * themselves, by platform; if `mcpack` found them as well, an image would have each module twice.
 */
export {};
