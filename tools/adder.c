/*
 * adder: the runtime's command line.
 *
 * Reads a program (file, -c, standard input), compiles it, runs it as __main__, prints what was not
 * caught, and exits as Python does.  All of that is shared with adder-trace: tools/program.c.
 *
 * Threads: main.
 */
#include "tools/program.h"

int main(int argc, char **argv)
{
    const Tool tool = {.name = "adder", .title = "Adder"};
    Options options;
    Program program;
    int status = program_load(&program, &options, &tool, argc, argv);
    if (status == PROGRAM_LOADED) {
        status = program_run(&program, &options, &tool, NULL, NULL);
    }
    program_free(&program);
    return status;
}
