#!/usr/bin/perl
# A reader of KTAP version 1, written from Documentation/dev-tools/ktap.rst and sharing nothing with what
# writes it. Stricter than the kernel's own parser: lines it would pass over as noise are refused.
# ktap-check.pl FILE: exit 0 and "N results, N failed", or 1 and what is wrong with which line.
use strict;
use warnings;

open my $in, '<', $ARGV[0] or die "$ARGV[0]: $!\n";
my ($plan, $results, $failed) = (undef, 0, 0);
sub wrong { print "line $.: $_[0]\n"; exit 1 }

while (<$in>) {
  wrong 'no newline at its end' unless s/\n\z//;
  wrong 'a control character or a byte outside ASCII' if /[^\x20-\x7e]/;
  if ($. == 1) { $_ eq 'KTAP version 1' or wrong 'no version line'; next }
  if ($. == 2) { /\A1\.\.(\d+)\z/ or wrong 'no plan after the version'; $plan = $1; next }
  next if /\A# /;
  my ($ok, $number, $rest) = /\A(ok|not ok) (\d+)(.*)\z/ or wrong 'neither a result nor a diagnostic';
  my ($name, $comment) = $rest =~ /\A ([^#]*?)(?: # (.*))?\z/ or wrong "a '#' that begins no directive";
  $number == ++$results or wrong "number $number, $results is due";
  $name =~ /\A[A-Za-z0-9_.-]+\z/ or wrong "a name that some reader folds: '$name'";
  $failed++ if $ok eq 'not ok';
  next unless defined $comment;
  my ($directive) = $comment =~ /\A(SKIP|TODO|XFAIL|TIMEOUT|ERROR)(?: |\z)/ or wrong 'an unknown directive';
  wrong "a second '#', which the kernel's parser takes for the first" if $comment =~ /#/;
  wrong "$directive goes with 'not ok'" if $directive =~ /TIMEOUT|ERROR/ && $ok eq 'ok';
}
$. or wrong 'an empty file';
$results == $plan or wrong "the plan was $plan, $results came";
print "$results results, $failed failed\n";
