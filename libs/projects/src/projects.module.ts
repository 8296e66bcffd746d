import { Module } from '@nestjs/common';
import { BindingsController } from './bindings/bindings.http.js';
import { ChangeProjectController } from './change-project/change-project.http.js';
import { CreateProjectController } from './create-project/create-project.http.js';
import { DeleteProjectController } from './delete-project/delete-project.http.js';
import { MeController } from './me/me.http.js';
import { ProjectsController } from './project-list/projects.http.js';
import { Lists } from './reading/lists.js';
import { TokensController } from './tokens/tokens.http.js';

/** Needs from the app, globally: EventStore, QuotaLedger, ViewStore, People, Cursors, ProjectContents. */
@Module({
  controllers: [
    MeController,
    ProjectsController,
    CreateProjectController,
    ChangeProjectController,
    DeleteProjectController,
    TokensController,
    BindingsController,
  ],
  providers: [Lists],
})
export class ProjectsModule {}
