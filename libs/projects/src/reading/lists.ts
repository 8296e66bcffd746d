import { Injectable } from '@nestjs/common';
import { EventStore, ViewStore, type ViewRow } from '@strata/event-store';
import { Cursors, ok, WrittenAnswer, type Answer, type Caller } from '@strata/http';
import type { ProjectId } from '@strata/kernel';
import {
  readPage,
  readWrittenPage,
  type AnyListQuery,
  type PageRequest,
  type PageSource,
  type Where,
} from './read-page.js';
import { requireProject } from './require-project.js';

/** For whom the rows of a page are shown. */
export interface Showing {
  readonly caller: Caller;
  /** Whether `asOf` was asked for: only what the log tells is known of the past. */
  readonly isPast: boolean;
}

/** What stands behind the route of a list. */
export interface List<Row extends ViewRow> extends PageSource<Row> {
  readonly show: (rows: readonly Row[], showing: Showing) => readonly unknown[] | Promise<readonly unknown[]>;
  /** A text column that has what `show` would say of the row, as JSON: read instead, where no row lacks it. */
  readonly written?: string;
}

/** Answers every list that is read from a view: one page, where the next begins, and its `Strata-Position`. */
@Injectable()
export class Lists {
  constructor(
    private readonly store: EventStore,
    private readonly views: ViewStore,
    private readonly cursors: Cursors,
  ) {}

  /** Whatever the caller may view. */
  ofAll<Row extends ViewRow, Query extends AnyListQuery>(
    list: List<Row>,
    request: PageRequest<Query>,
  ): Promise<Answer> {
    return this.answer(list, request, {});
  }

  /** What lies in the project that the path names. */
  async ofProject<Row extends ViewRow, Query extends AnyListQuery>(
    list: List<Row>,
    request: PageRequest<Query> & { readonly params: { readonly projectId: ProjectId } },
  ): Promise<Answer> {
    const { projectId } = request.params;
    await requireProject(this.store, request.caller, projectId);
    return this.answer(list, request, { projectId: [projectId] });
  }

  /** What `where` holds for; who may ask for it the route has seen to. */
  within<Row extends ViewRow, Query extends AnyListQuery>(
    list: List<Row>,
    request: PageRequest<Query>,
    where: Where,
  ): Promise<Answer> {
    return this.answer(list, request, where);
  }

  private async answer<Row extends ViewRow, Query extends AnyListQuery>(
    list: List<Row>,
    request: PageRequest<Query>,
    where: Where,
  ): Promise<Answer> {
    const ports = { store: this.store, views: this.views, cursors: this.cursors };
    const ready = list.written && (await readWrittenPage(ports, request, list, where, list.written));
    if (ready) {
      const { items, nextCursor, position } = ready;
      return new WrittenAnswer(`{"items":[${items.join(',')}],"nextCursor":${JSON.stringify(nextCursor)}}`, {
        position,
      });
    }
    const { rows, nextCursor, position, isPast } = await readPage(ports, request, list, where);
    const items = await list.show(rows, { caller: request.caller, isPast });
    return ok({ items, nextCursor }, { position });
  }
}
