/* app.h -- the commands that run the server themselves; the only room that names back ends. */
#ifndef CADRAN_APP_APP_H
#define CADRAN_APP_APP_H

int app_serve(int argc, char **argv);
int app_demo(int argc, char **argv);
int app_doctor(int argc, char **argv);
int app_migrate(int argc, char **argv);
int app_backup(int argc, char **argv);
int app_restore(int argc, char **argv);

#endif
