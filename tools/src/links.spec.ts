import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const pages = globSync(['*.md', 'docs/**/*.md', 'libs/*/*.md', 'apps/*/*.md'], { cwd: root }).sort();

/** Links of Markdown to files of this repository, as `[text](../path#place)`; code blocks hold none. */
const linksIn = (text: string): readonly string[] =>
  [...text.replaceAll(/^```[^]*?^```/gm, '').matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target));

/** As GitHub names the place of a heading. */
const placesIn = (text: string): readonly string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );

const isThere = (page: string, link: string): boolean => {
  const [path = '', place] = link.split('#');
  const file = path === '' ? join(root, page) : join(root, dirname(page), decodeURIComponent(path));
  if (!existsSync(file)) return false;
  return place === undefined || placesIn(readFileSync(file, 'utf8')).includes(place);
};

describe('the documentation', () => {
  it('has the pages that the README names', () => {
    expect(pages).toContain('README.md');
    expect(pages.filter((page) => page.startsWith('docs/')).length).toBeGreaterThan(5);
  });

  it.each(pages)('links only to what is there: %s', (page) => {
    const links = linksIn(readFileSync(join(root, page), 'utf8'));
    expect(links.filter((link) => !isThere(page, link))).toEqual([]);
  });

  it('is reached from the README, every page of it', () => {
    const reached = new Set<string>();
    const visit = (page: string): void => {
      if (reached.has(page) || !pages.includes(page)) return;
      reached.add(page);
      for (const link of linksIn(readFileSync(join(root, page), 'utf8'))) {
        visit(join(dirname(page), link.split('#')[0] ?? ''));
      }
    };
    visit('README.md');
    expect(pages.filter((page) => page.startsWith('docs/') && !reached.has(page))).toEqual([]);
  });
});
