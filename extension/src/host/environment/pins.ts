/** The pinned versions in a requirements file, by package name. */
export function parsePinnedVersions(requirements: string): ReadonlyMap<string, string> {
  return new Map(
    [...requirements.matchAll(/^([A-Za-z0-9._-]+)==(\S+)/gm)].map(([, name = '', version = '']) => [name, version]),
  );
}

/**
 * The differences between an environment and the pinned versions, such as `torch 2.12.0 → 2.13.0`. Skips packages that the
 * environment does not list. Ignores the build of a version, such as `+cpu`.
 */
export function versionDifferences(
  has: ReadonlyMap<string, string>,
  needs: ReadonlyMap<string, string>,
): readonly string[] {
  return [...needs].flatMap(([name, wanted]) => {
    const version = has.get(name)?.replace(/\+.*$/, '');
    return version === undefined || version === wanted ? [] : [`${name} ${version} → ${wanted}`];
  });
}
