/** The packages that a requirements file pins, by name, each with its version. */
export function pinsOf(requirements: string): ReadonlyMap<string, string> {
  return new Map(
    [...requirements.matchAll(/^([A-Za-z0-9._-]+)==(\S+)/gm)].map(([, name = '', version = '']) => [name, version]),
  );
}

/**
 * Where an environment differs from the pins of this version, in words such as `torch 2.12.0 → 2.13.0`; a package that it
 * is not known to have is left out. The build of a version, such as `+cpu`, does not matter.
 */
export function otherVersions(has: ReadonlyMap<string, string>, needs: ReadonlyMap<string, string>): readonly string[] {
  return [...needs].flatMap(([name, wanted]) => {
    const version = has.get(name)?.replace(/\+.*$/, '');
    return version === undefined || version === wanted ? [] : [`${name} ${version} → ${wanted}`];
  });
}
