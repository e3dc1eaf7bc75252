# oomlab: two static programs, build/oomlab (driver, also PID 1 of its guests) and build/oomhog.
#   make            build both            make check   layers, sizes, format, unit tests
#   make test       every test            make asan    unit tests under ASan and UBSan
#   make fuzz       libFuzzer runs        make bench   ratios beside peers
#   make install    DESTDIR, PREFIX (/usr/local); make uninstall takes it away
O       ?= build
CC      ?= gcc
V       ?= 0
Q       := $(if $(filter 1,$(V)),,@)
SAN     ?=

CFLAGS  ?= -O2 -g
override CFLAGS += -std=gnu11 -D_GNU_SOURCE -I. -MMD -MP -Wall -Wextra -Wshadow -Wvla \
	-Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wimplicit-fallthrough \
	-fstack-protector-strong $(if $(WERROR),-Werror) \
	$(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer)

LIBS_LAB := -lyaml -ljansson -larchive -llzma -lzstd -llz4 -lbz2 -lz -lnettle -lm
LIBS_HOG := -lnuma -lpthread

objs     = $(patsubst %.c,$(O)/%.o,$(sort $(wildcard $(1)/*.c)))
LIB     := $(O)/liboom.a
LAB     := $(call objs,harness)
HOG     := $(call objs,workloads)
UNIT    := $(patsubst %.c,$(O)/%,$(sort $(wildcard lib/tests/test_*.c harness/tests/test_*.c \
	workloads/tests/test_*.c)))

all: $(O)/oomlab $(O)/oomhog

$(LIB): $(call objs,lib)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

# Static, so that an initramfs of these two files is a whole user space.
# glibc warns of getaddrinfo, which libnuma has for policies that name a host; never used here.
$(O)/oomlab: $(LAB) $(LIB)
	@echo "  LINK $@"
	$(Q)$(CC) $(CFLAGS) -static $(LDFLAGS) -o $@ $^ $(LIBS_LAB)

$(O)/oomhog: $(HOG) $(LIB)
	@echo "  LINK $@"
	$(Q)$(CC) $(CFLAGS) -static $(LDFLAGS) -Wl,--no-warnings -o $@ $^ $(LIBS_HOG)

$(O)/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC   $<"
	$(Q)$(CC) $(CFLAGS) $(CPPFLAGS) -c -o $@ $<

# The page's scripts and styles are within the program.
$(O)/harness/report_assets.o: $(wildcard harness/report/*)

# A unit test links the objects of the room it tests, less main(), dynamically.
$(O)/lib/tests/%: $(O)/lib/tests/%.o $(LIB)
	$(Q)$(CC) $(CFLAGS) -o $@ $^ -lcmocka -lnuma -lz
$(O)/harness/tests/%: $(O)/harness/tests/%.o $(filter-out %/main.o,$(LAB)) $(LIB)
	$(Q)$(CC) $(CFLAGS) -o $@ $^ -lcmocka $(LIBS_LAB)
$(O)/harness/tests/bench_init: $(O)/harness/tests/bench_init.o # an init of its own
	$(Q)$(CC) $(CFLAGS) -static -o $@ $<
$(O)/workloads/tests/%: $(O)/workloads/tests/%.o $(filter-out %/main.o,$(HOG)) $(LIB)
	$(Q)$(CC) $(CFLAGS) -o $@ $^ -lcmocka $(LIBS_HOG)
.SECONDARY:

unit: all $(UNIT)
	$(Q)harness/tests/unit.sh $(O) $(UNIT)

check: check-layers check-sizes check-format unit

check-layers:
	@! grep -nE '#include "(harness|workloads|cases)/' lib/*.[ch] lib/tests/*.[ch]
	@! grep -nE '#include "(harness|cases)/' workloads/*.[ch]
	@! grep -nE '#include "(workloads|cases)/' harness/*.[ch]
check-sizes:
	$(Q)harness/tests/sizes.sh
check-format:
	$(Q)clang-format --dry-run -Werror $$(find harness lib workloads -name '*.[ch]')

test: all $(UNIT)
	$(Q)harness/tests/all.sh $(O) $(UNIT)

# Less the workloads' own: they measure their memory, and the sanitizers take some.
asan:
	$(Q)$(MAKE) --no-print-directory O=$(O)-asan SAN=address,undefined CFLAGS="-O1 -g" unit-san
unit-san: $(filter-out $(O)/workloads/%,$(UNIT))
	$(Q)harness/tests/unit.sh $(O) $^

bench: all
	$(Q)workloads/tests/bench.sh $(O)
	$(Q)harness/tests/bench-explain.sh $(O)
	$(Q)harness/tests/bench-vm.sh $(O)
	$(Q)harness/tests/bench-timeline.sh $(O)

# What the programs say of themselves goes into their pages.
PAGES   := $(patsubst harness/doc/%.in,$(O)/doc/%,$(wildcard harness/doc/*.in))
man: $(PAGES)
$(O)/doc/%: harness/doc/%.in $(O)/oomlab $(O)/oomhog $(wildcard harness/doc/*.awk) harness/doc/page.sh
	@mkdir -p $(@D)
	$(Q)harness/doc/page.sh $(O) $< >$@.new && mv $@.new $@

PREFIX  ?= /usr/local
to      := $(DESTDIR)$(PREFIX)
BASHDIR := $(to)/share/bash-completion/completions
install: all man
	install -d $(to)/bin $(to)/share/man/man1 $(to)/share/man/man5 $(BASHDIR) $(to)/share/oomlab
	install $(O)/oomlab $(O)/oomhog $(to)/bin
	install -m 644 $(O)/doc/oomlab.1 $(O)/doc/oomhog.1 $(to)/share/man/man1
	install -m 644 $(O)/doc/oomlab-case.5 $(to)/share/man/man5
	install -m 644 harness/doc/oomlab.bash $(BASHDIR)/oomlab
	ln -sf oomlab $(BASHDIR)/oomhog
	install -m 644 harness/doc/results.schema.json harness/doc/replay.schema.json $(to)/share/oomlab
	find cases -type f | while read -r f; do install -D -m 644 "$$f" "$(to)/share/oomlab/$$f" || exit 1; done
uninstall:
	rm -f $(to)/bin/oomlab $(to)/bin/oomhog $(to)/share/man/man1/oomlab.1 $(to)/share/man/man1/oomhog.1 \
		$(to)/share/man/man5/oomlab-case.5 $(BASHDIR)/oomlab $(BASHDIR)/oomhog
	rm -rf $(to)/share/oomlab

clean:
	rm -rf $(O) $(O)-asan

include harness/tests/fuzz.mk

-include $(shell find $(O) -name '*.d' 2>/dev/null)
.PHONY: all man install uninstall unit check check-layers check-sizes check-format test asan unit-san clean bench
