! The sum of numbers, and how Fortran's run-time library writes it.
subroutine total(count, numbers, answer, text)
  integer, intent(in) :: count
  double precision, intent(in) :: numbers(count)
  double precision, intent(out) :: answer
  character(8), intent(out) :: text

  answer = sum(numbers)
  write (text, '(f8.3)') answer
end subroutine
