import { Injectable } from '@nestjs/common';
import { EventStore, ViewStore, type ViewRow } from '@strata/event-store';
import { Cursors, ok, WrittenAnswer, type Answer, type Caller } from '@strata/http';
import type { ProjectId } from '@strata/kernel';
import {
  openPage,
  readPage,
  readWrittenPage,
  type AnyListQuery,
  type OpenedRequest,
  type PageRequest,
  type PageSource,
  type Where,
} from './read-page.js';
import { openPageIn, requireProject } from './require-project.js';

/** For whom the rows of a page are shown. */
export interface Showing {
  readonly caller: Caller;
  /** Whether `asOf` was asked for: only what the log tells is known of the past. */
  readonly isPast: boolean;
  /** Up to where the log has been followed for the page. */
  readonly position: number;
}

/** What stands behind the route of a list. */
export interface List<Row extends ViewRow> extends PageSource<Row> {
  readonly show: (rows: readonly Row[], showing: Showing) => readonly unknown[] | Promise<readonly unknown[]>;
  /** A text column that has what `show` would say of the row, as JSON: read instead, where no row lacks it. */
  readonly written?: string;
  /** Rows stay when their project goes. */
  readonly outlivesProject?: true;
}

interface ShownPage {
  readonly answer: Answer;
  readonly rowCount: number;
  readonly isPast: boolean;
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

  /**
   * What lies in the project that the path names. A row of it that the caller sees shows that the project is seen, so that only an
   * empty page asks, and a page of rows that outlive their project, as those of the past do. `given` may be what makes the list.
   */
  async ofProject<Row extends ViewRow, Query extends AnyListQuery>(
    given: List<Row> | (() => Promise<List<Row>>),
    request: PageRequest<Query> & { readonly params: { readonly projectId: ProjectId } },
  ): Promise<Answer> {
    const { projectId } = request.params;
    const { store, cursors } = this;
    const opened = { request, ...(await openPageIn({ store, cursors }, projectId, request)) };
    const required = () => requireProject(store, request.caller, projectId, opened.asOf);
    // Nobody waits for a view to be told that there is no such project.
    if (request.minPosition !== undefined) await required();
    const read = async () => {
      const list = typeof given === 'function' ? await given() : given;
      return { list, shown: await this.page(list, opened, { projectId: [projectId] }) };
    };
    const { list, shown } = await read().catch(async (fault: unknown) => {
      await required();
      throw fault;
    });
    if (shown.rowCount === 0 || shown.isPast || list.outlivesProject) await required();
    return shown.answer;
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
    const { store, cursors } = this;
    const opened = { request, ...(await openPage({ store, cursors }, request)) };
    return (await this.page(list, opened, where)).answer;
  }

  private async page<Row extends ViewRow, Query extends AnyListQuery>(
    list: List<Row>,
    opened: OpenedRequest<Query>,
    where: Where,
  ): Promise<ShownPage> {
    const ports = { store: this.store, views: this.views, cursors: this.cursors };
    const ready = list.written && (await readWrittenPage(ports, opened, list, where, list.written));
    if (ready) {
      const { items, count, nextCursor, position, isPast } = ready;
      const body = `{"items":[${items}],"nextCursor":${JSON.stringify(nextCursor)}}`;
      return { answer: new WrittenAnswer(body, { position }), rowCount: count, isPast };
    }
    const { rows, nextCursor, position, isPast } = await readPage(ports, opened, list, where);
    const items = await list.show(rows, { caller: opened.request.caller, isPast, position });
    return { answer: ok({ items, nextCursor }, { position }), rowCount: rows.length, isPast };
  }
}
